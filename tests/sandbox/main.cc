// logexport-sandbox: Auth0, Segment and Slack simulated on one port.

#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tests/sandbox/sandbox.h"
#include "tests/sandbox/sandbox_flags.h"

namespace logexport::sandbox {
namespace {

absl::Status LoadLogs(const std::string& file, Sandbox* sandbox) {
  std::ifstream stream(file, std::ios::binary);
  std::stringstream content;
  content << stream.rdbuf();
  if (!stream) {
    return absl::NotFoundError(absl::StrCat("cannot read ", file));
  }
  const LogStore::LoadResult result = sandbox->AddLogs(content.str());
  if (result.bad_lines > 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        file, ": ", result.bad_lines,
        " lines are no JSON objects with a log_id or an _id; the first is line ", result.bad_line));
  }
  std::cout << "loaded " << result.added << " logs from " << file;
  if (result.repeated_ids > 0) {
    std::cout << "; " << result.repeated_ids
              << " lines repeat the id of an earlier one and were left out";
  }
  std::cout << std::endl;
  return absl::OkStatus();
}

// Written under another name first, so that whoever waits for the file finds the port in it.
absl::Status WritePort(const std::string& file, int port) {
  const std::string unfinished = file + ".new";
  std::ofstream stream(unfinished);
  stream << port << "\n";
  stream.close();
  if (!stream || std::rename(unfinished.c_str(), file.c_str()) != 0) {
    return absl::UnavailableError(absl::StrCat("cannot write ", file));
  }
  return absl::OkStatus();
}

void PrintWelcome(const Sandbox& sandbox) {
  const SandboxOptions& options = sandbox.options();
  const std::string audience = options.auth0.audience.empty()
                                   ? absl::StrCat("https://", options.auth0.domain, "/api/v2/")
                                   : options.auth0.audience;
  std::cout << "This is a SIMULATOR of Auth0, Segment and Slack: no data leaves this machine.\n"
            << "  AUTH0_DOMAIN=" << options.auth0.domain << "\n"
            << "  AUTH0_BASE_URL=" << sandbox.url() << "\n"
            << "  AUTH0_AUDIENCE=" << audience << "\n"
            << "  AUTH0_CLIENT_ID=" << options.auth0.client_id << "\n"
            << "  AUTH0_CLIENT_SECRET=" << options.auth0.client_secret << "\n"
            << "  SEGMENT_ENDPOINT=" << sandbox.url() << "\n"
            << "  SEGMENT_KEY=" << options.segment.write_key << "\n"
            << "  SLACK_INCOMING_WEBHOOK=" << sandbox.slack_webhook() << "\n"
            << sandbox.stats().logs << " logs; what happens: " << sandbox.url()
            << "/_sandbox/stats\n"
            << "listening on " << sandbox.url() << std::endl;
}

// Until one of the signals comes or, if asked for, standard input ends.
void WaitForEnd(const sigset_t& signals, bool watch_stdin) {
  pollfd waiting[] = {{signalfd(-1, &signals, SFD_CLOEXEC), POLLIN, 0},
                      {watch_stdin ? STDIN_FILENO : -1, POLLIN, 0}};
  while (true) {
    if (poll(waiting, std::size(waiting), -1) < 0) {
      continue;
    }
    char ignored[256];
    if (waiting[0].revents != 0 ||
        (waiting[1].revents != 0 && read(STDIN_FILENO, ignored, sizeof(ignored)) <= 0)) {
      return;
    }
  }
}

absl::Status Run(CommandLine line) {
  // Before the server's thread starts, so that the signals come to this one.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  absl::StatusOr<std::unique_ptr<Sandbox>> sandbox = Sandbox::Start(line.options);
  if (!sandbox.ok()) {
    return sandbox.status();
  }
  (*sandbox)->ApplyFaults(std::move(line.faults));
  if (!line.logs_file.empty()) {
    if (absl::Status status = LoadLogs(line.logs_file, sandbox->get()); !status.ok()) {
      return status;
    }
  }
  // Before the line that says it listens, so that whoever waits for that finds the file.
  if (!line.port_file.empty()) {
    if (absl::Status status = WritePort(line.port_file, (*sandbox)->port()); !status.ok()) {
      return status;
    }
  }
  PrintWelcome(**sandbox);
  WaitForEnd(signals, line.exit_with_stdin);
  const SandboxStats stats = (*sandbox)->stats();
  std::cout << "stopped after " << stats.requests << " requests: " << stats.auth0.logs_served
            << " logs served, " << stats.unique_message_ids << " events accepted, "
            << stats.duplicates << " repeats dropped, " << stats.segment.AllViolations()
            << " violations of Segment's rules" << std::endl;
  return absl::OkStatus();
}

}  // namespace
}  // namespace logexport::sandbox

int main(int argc, char** argv) {
  const absl::Status status =
      logexport::sandbox::Run(logexport::sandbox::ParseCommandLine(argc, argv));
  if (!status.ok()) {
    std::cerr << "logexport-sandbox: " << status.message() << std::endl;
    return 1;
  }
  return 0;
}
