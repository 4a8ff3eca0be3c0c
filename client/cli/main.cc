#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include <fcntl.h>
#include <pwd.h>
#include <spawn.h>
#include <unistd.h>

#include "client/cli/cli.h"
#include "client/cli/terminal.h"
#include "logexport/client.h"
#include "logexport/connection.h"
#include "proto/descriptors.h"

namespace {

std::string UserAtHost() {
  const passwd* user = getpwuid(getuid());
  char host[256] = {};
  if (user == nullptr || gethostname(host, sizeof(host) - 1) != 0) return "";
  return absl::StrCat(user->pw_name, "@", host);
}

// The browser of the desktop that the person sits at, if there is one.
bool OpenUrl(const std::string& url) {
  if (std::getenv("DISPLAY") == nullptr && std::getenv("WAYLAND_DISPLAY") == nullptr) return false;
  std::string program = "xdg-open";
  std::string argument = url;
  char* const arguments[] = {program.data(), argument.data(), nullptr};
  // What the browser says is not the command's answer.
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failure = posix_spawnp(&child, program.c_str(), &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  return failure == 0;
}

}  // namespace

int main(int argc, char** argv) {
  // A reader that goes away (`| head`) ends the program quietly, as it does other tools.
  std::signal(SIGPIPE, SIG_DFL);

  // gRPC's own log lines say nothing that the error does not say better.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);

  logexport::cli::CliContext context;
  context.version = LOGEXPORT_VERSION;
  context.descriptor_set = logexport::DescriptorSetBytes();
  context.service = "logexport.v1.LogExportService";
  context.terminal = &logexport::cli::ProcessTerminal();
  context.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
  };
  context.zone = absl::LocalTimeZone();
  context.now = absl::Now;
  context.sleep = [](absl::Duration pause) {
    std::this_thread::sleep_for(absl::ToChronoMilliseconds(pause));
  };
  context.new_request_id = logexport::client::NewRequestId;
  context.connect = logexport::client::Connection::Open;
  context.diagnose = [](const logexport::client::ConnectionOptions& options) {
    return logexport::client::Diagnose(options);
  };
  context.open_url = OpenUrl;
  context.claimed_caller = UserAtHost();
  return logexport::cli::RunCli(context, std::vector<std::string>(argv + 1, argv + argc));
}
