#include "tests/support/subprocess.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <map>
#include <thread>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace logexport {
namespace {

// The test's environment with `added` over it, of which the last of a name counts.
std::vector<std::string> Environment(
    const std::vector<std::pair<std::string, std::string>>& added) {
  std::map<std::string, std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    merged.insert(
        std::pair<std::string, std::string>(absl::StrSplit(*entry, absl::MaxSplits('=', 1))));
  }
  for (const auto& [name, value] : added) merged[name] = value;
  std::vector<std::string> all;
  for (const auto& [name, value] : merged) all.push_back(absl::StrCat(name, "=", value));
  return all;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

std::string ReadAll(int fd) {
  std::string text;
  char buffer[4096];
  ssize_t got = 0;
  while ((got = pread(fd, buffer, sizeof(buffer), static_cast<off_t>(text.size()))) > 0) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  return text;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Subprocess>> Subprocess::Start(
    const std::vector<std::string>& command,
    const std::vector<std::pair<std::string, std::string>>& environment) {
  std::unique_ptr<Subprocess> process(new Subprocess());
  int input[2] = {-1, -1};
  process->output_fd_ = memfd_create("stdout", MFD_CLOEXEC);
  process->error_fd_ = memfd_create("stderr", MFD_CLOEXEC);
  if (process->output_fd_ < 0 || process->error_fd_ < 0 || pipe2(input, O_CLOEXEC) != 0) {
    return absl::UnavailableError(absl::StrCat("cannot redirect: ", std::strerror(errno)));
  }
  process->input_fd_ = input[1];

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, process->output_fd_, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, process->error_fd_, STDERR_FILENO);
  // Whatever the test blocks or ignores, the program starts as from a shell.
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

  std::vector<std::string> arguments = command;
  std::vector<std::string> variables = Environment(environment);
  const int error = posix_spawnp(&process->pid_, arguments.front().c_str(), &actions, &attributes,
                                 Pointers(arguments).data(), Pointers(variables).data());
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  close(input[0]);
  if (error != 0) {
    process->pid_ = -1;
    return absl::NotFoundError(
        absl::StrCat("cannot start ", command.front(), ": ", std::strerror(error)));
  }
  return process;
}

Subprocess::~Subprocess() {
  if (pid_ > 0 && !exit_.has_value()) {
    Signal(SIGKILL);
    Signal(SIGCONT);
    Wait(absl::InfiniteDuration());
  }
  for (const int fd : {input_fd_, output_fd_, error_fd_}) {
    if (fd >= 0) {
      close(fd);
    }
  }
}

void Subprocess::Signal(int signal) {
  // Until it has been waited for, the pid cannot be anybody else's.
  if (pid_ > 0 && !exit_.has_value()) {
    kill(pid_, signal);
  }
}

void Subprocess::CloseInput() {
  if (input_fd_ >= 0) {
    close(input_fd_);
    input_fd_ = -1;
  }
}

std::optional<int> Subprocess::Wait(absl::Duration limit) {
  const absl::Time deadline = absl::Now() + limit;
  while (!exit_.has_value()) {
    int status = 0;
    const pid_t ended = waitpid(pid_, &status, WNOHANG);
    if (ended == pid_) {
      exit_ = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
      dumped_core_ = WIFSIGNALED(status) && WCOREDUMP(status);
    } else if (absl::Now() >= deadline) {
      break;
    } else {
      // There is no waiting for a child with a limit that works everywhere.
      absl::SleepFor(absl::Milliseconds(2));
    }
  }
  return exit_;
}

std::string Subprocess::Output() const { return ReadAll(output_fd_); }

std::string Subprocess::ErrorOutput() const { return ReadAll(error_fd_); }

}  // namespace logexport
