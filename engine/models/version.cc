#include "engine/models/version.h"

#include "core/hash.h"
#include "engine/config/deciding.h"

namespace quell::models {

Version VersionOf(const config::Config& config, std::string_view program, std::string_view commit) {
  Version out;
  out.settings = Sha256Hex(config::DescribeDeciding(config));
  out.config = config::ConfigDigest(config);
  out.code = std::string(program) + " (" + std::string(commit) + ')';
  out.id = Sha256Hex("quell-model-1\n" + out.settings + '\n' + out.code + '\n');
  return out;
}

}  // namespace quell::models
