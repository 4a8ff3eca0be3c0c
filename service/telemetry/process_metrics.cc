#include "service/telemetry/process_metrics.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include <sys/resource.h>
#include <unistd.h>

namespace logexport {
namespace {

std::string ReadProc(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// The fields of /proc/self/stat from the third on (man 5 proc); the second, the program's name, may
// hold blanks and brackets.
std::vector<std::string> StatFields() {
  const std::string stat = ReadProc("/proc/self/stat");
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return {};
  return absl::StrSplit(stat.substr(name_end + 1), ' ', absl::SkipEmpty());
}

// Field `number` as man 5 proc counts them.
std::optional<double> Field(const std::vector<std::string>& fields, std::size_t number) {
  double value = 0;
  if (number - 3 >= fields.size() || !absl::SimpleAtod(fields[number - 3], &value)) {
    return std::nullopt;
  }
  return value;
}

// When the machine was started, in seconds since 1970.
std::optional<double> BootTime() {
  const std::string stat = ReadProc("/proc/stat");
  const std::size_t at = stat.find("btime ");
  double seconds = 0;
  if (at == std::string::npos) return std::nullopt;
  const std::size_t end = stat.find('\n', at);
  if (!absl::SimpleAtod(stat.substr(at + 6, end - at - 6), &seconds)) return std::nullopt;
  return seconds;
}

std::optional<double> OpenFiles() {
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (error) return std::nullopt;
  // The listing itself is one of them.
  return static_cast<double>(std::distance(begin(files), end(files)) - 1);
}

void Add(bool counter, absl::string_view name, absl::string_view help, std::optional<double> value,
         Exposition* out) {
  if (!value.has_value()) return;
  counter ? out->Counter(name, help) : out->Gauge(name, help);
  out->Value(*value);
}

}  // namespace

void AddProcessMetrics(Exposition* out) {
  const std::vector<std::string> fields = StatFields();
  const double ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const double page = static_cast<double>(sysconf(_SC_PAGESIZE));
  std::optional<double> cpu;
  if (const auto user = Field(fields, 14), system = Field(fields, 15); user && system) {
    cpu = (*user + *system) / ticks;
  }
  Add(true, "process_cpu_seconds_total", "CPU time that the process has used.", cpu, out);
  std::optional<double> started;
  if (const auto after_boot = Field(fields, 22), boot = BootTime(); after_boot && boot) {
    started = *boot + *after_boot / ticks;
  }
  Add(false, "process_start_time_seconds", "When the process was started, as Unix time.", started,
      out);
  std::optional<double> resident = Field(fields, 24);
  if (resident.has_value()) *resident *= page;
  Add(false, "process_resident_memory_bytes", "Memory of the process that is in RAM.", resident,
      out);
  Add(false, "process_virtual_memory_bytes", "Address space of the process.", Field(fields, 23),
      out);
  Add(false, "process_threads", "Threads of the process.", Field(fields, 20), out);
  Add(false, "process_open_fds", "Open files and sockets of the process.", OpenFiles(), out);
  rlimit limit{};
  std::optional<double> most;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) most = static_cast<double>(limit.rlim_cur);
  Add(false, "process_max_fds", "Most files and sockets that the process may open.", most, out);
}

}  // namespace logexport
