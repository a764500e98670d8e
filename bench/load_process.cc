#include "bench/load_process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

namespace quell::bench {

Result<ProcessUse> UseOf(int pid) {
  const std::string folder = "/proc/" + std::to_string(pid);
  std::ifstream stat(folder + "/stat");
  std::string text;
  if (!std::getline(stat, text)) {
    return MakeError(ErrorCode::kNotFound, "--pid: no process " + std::to_string(pid));
  }
  // After the name in parentheses: state is field 3, utime, stime, cutime, cstime are 14 to 17.
  std::istringstream fields(text.substr(text.rfind(')') + 2));
  std::string skipped;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  double ticks = 0;
  for (int i = 14; i <= 17; ++i) {
    double one = 0;
    fields >> one;
    ticks += one;
  }
  ProcessUse use;
  use.cpu_seconds = ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
  std::ifstream status(folder + "/status");
  while (std::getline(status, text)) {
    const auto kilobytes = [&] { return std::stoull(text.substr(text.find(':') + 1)) * 1024; };
    if (text.rfind("VmRSS:", 0) == 0) use.rss_bytes = kilobytes();
    if (text.rfind("VmHWM:", 0) == 0) use.rss_peak_bytes = kilobytes();
  }
  return use;
}

double OwnCpuSeconds() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

double MachineBusySeconds() {
  std::ifstream stat("/proc/stat");
  std::string name;
  stat >> name;  // "cpu": user nice system idle iowait irq softirq steal, in clock ticks
  double busy = 0;
  for (int i = 0; i < 8; ++i) {
    double ticks = 0;
    stat >> ticks;
    if (i != 3 && i != 4) busy += ticks;
  }
  return busy / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double Now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

Result<ProcessUse> UseOnceQuiet(int pid, double seconds_max) {
  const double until = Now() + seconds_max;
  QUELL_ASSIGN(ProcessUse before, UseOf(pid));
  while (Now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    QUELL_ASSIGN(const ProcessUse now, UseOf(pid));
    const bool quiet = now.cpu_seconds - before.cpu_seconds < 0.025;
    before = now;
    if (quiet) break;
  }
  return before;
}

}  // namespace quell::bench
