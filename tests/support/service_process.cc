#include "tests/support/service_process.h"

#include <stop_token>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <gtest/gtest.h>

#include "service/base/clock.h"
#include "tests/support/paths.h"

namespace logexport {
namespace {

constexpr absl::Duration kStartLimit = absl::Seconds(60);
constexpr absl::Duration kEndLimit = absl::Seconds(120);

}  // namespace

absl::StatusOr<std::unique_ptr<ServiceProcess>> ServiceProcess::Start(
    const std::string& state, const Environment& environment,
    const std::vector<std::string>& flags) {
  std::vector<std::string> command = {
      BinaryPath("logexportd"), "--listen", "127.0.0.1:0", "--state",
      absl::StrContains(state, "://") ? state : absl::StrCat("sqlite:", state)};
  command.insert(command.end(), flags.begin(), flags.end());
  std::unique_ptr<ServiceProcess> service(new ServiceProcess);
  absl::StatusOr<std::unique_ptr<Subprocess>> process = Subprocess::Start(command, environment);
  if (!process.ok()) return process.status();
  service->process_ = *std::move(process);
  constexpr absl::string_view kPrefix = "listening on ";
  constexpr absl::string_view kHttpPrefix = "http on ";
  const absl::Duration deadline = RealClock().Monotonic() + kStartLimit;
  while (RealClock().Monotonic() < deadline) {
    const std::string output = service->process_->Output();
    const std::size_t end = output.find('\n');
    if (end != std::string::npos && output.rfind(std::string(kPrefix), 0) == 0) {
      service->address_ = output.substr(kPrefix.size(), end - kPrefix.size());
      // Both lines are written at once.
      const std::string second = output.substr(end + 1);
      if (second.rfind(std::string(kHttpPrefix), 0) == 0) {
        service->http_address_ =
            second.substr(kHttpPrefix.size(), second.find('\n') - kHttpPrefix.size());
      }
      return service;
    }
    if (service->process_->Wait(absl::Milliseconds(20)).has_value()) break;
  }
  return absl::UnavailableError(
      absl::StrCat("the service does not serve; it logged:\n", service->process_->ErrorOutput()));
}

std::unique_ptr<Subprocess> StartService(const std::vector<std::string>& flags,
                                         const ServiceProcess::Environment& environment) {
  std::vector<std::string> command = {BinaryPath("logexportd")};
  command.insert(command.end(), flags.begin(), flags.end());
  absl::StatusOr<std::unique_ptr<Subprocess>> process = Subprocess::Start(command, environment);
  EXPECT_TRUE(process.ok()) << process.status();
  return process.ok() ? *std::move(process) : nullptr;
}

ProgramEnd RunService(const std::vector<std::string>& flags,
                      const ServiceProcess::Environment& environment) {
  const std::unique_ptr<Subprocess> process = StartService(flags, environment);
  ProgramEnd end;
  if (process == nullptr) return end;
  const std::optional<int> status = process->Wait(kEndLimit);
  EXPECT_TRUE(status.has_value()) << "the service still runs";
  end.exit_status = status.value_or(-1);
  end.output = process->Output();
  end.error_output = process->ErrorOutput();
  return end;
}

}  // namespace logexport
