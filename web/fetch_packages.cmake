# cmake -DNPM=... -P fetch_packages.cmake: npm ci in the working folder, with a way out in its error.
execute_process(
  COMMAND "${NPM}" ci --ignore-scripts --prefer-offline --no-audit --no-fund --loglevel=error
  RESULT_VARIABLE failed OUTPUT_VARIABLE said ERROR_VARIABLE said)
if(failed)
  message(FATAL_ERROR "${said}\nThe packages of the web page cannot be fetched. A build folder that has them "
                      "keeps them; without the page: cmake -DQUELL_WEB=OFF")
endif()
