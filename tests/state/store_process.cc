// A process with a store of its own, for what can only be seen from outside: owners that are
// killed, rights that are missing, disks that are full.
//
//   store_process hold PATH           opens, prints "ready", waits for its input to end
//   store_process open PATH           as an ordinary user: opens, prints the status
//   store_process commit PATH         commits for ever, printing the checkpoint's version each time
//   store_process fill PATH BYTES     commits, with files limited to BYTES, until that fails;
//   prints
//                                     the status, lifts the limit, commits once more, prints "ok"

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"
#include <grp.h>
#include <sys/resource.h>
#include <unistd.h>

#include "service/base/clock.h"
#include "service/base/status_macros.h"
#include "service/state/engines/open_store.h"
#include "service/state/store.h"

namespace logexport {
namespace {

absl::StatusOr<std::unique_ptr<Store>> Open(const std::string& path) {
  StoreOptions options;
  options.url = "sqlite:" + path;
  return OpenStore(options, RealClock());
}

// A run that commits one log after another. The log id, the run's commit_version and the number of
// dead letters follow the checkpoint's version.
class Runner {
 public:
  explicit Runner(Store& store) : store_(store) {}

  absl::Status Start() {
    return store_.Write([this](Transaction& tx) -> absl::Status {
      if (!tx.GetExporter("default").ok()) {
        NewExporter exporter;
        exporter.record.id = "default";
        exporter.start = {Position::Kind::kAfter, "1", absl::UnixEpoch()};
        RETURN_IF_ERROR(tx.CreateExporter(exporter, false));
      }
      ASSIGN_OR_RETURN(const Checkpoint checkpoint, tx.GetCheckpoint("default"));
      version_ = checkpoint.version;
      ASSIGN_OR_RETURN(const std::vector<RunRecord> unfinished, tx.UnfinishedRuns("default"));
      for (RunRecord run : unfinished) {
        run.state = RunState::kFailed;
        run.stop_reason = StopReason::kInterrupted;
        RETURN_IF_ERROR(tx.UpdateRun(run));
      }
      run_.run_id = absl::StrCat("run-", store_.EpochOf("default"));
      run_.exporter = "default";
      run_.state = RunState::kRunning;
      run_.epoch = store_.EpochOf("default");
      run_.commit_version = version_;
      return tx.AddRun(run_).status();
    });
  }

  absl::Status Commit() {
    RunRecord next = run_;
    next.commit_version = version_ + 1;
    ProgressCommit commit;
    commit.run = &next;
    commit.epoch = run_.epoch;
    commit.expected_version = version_;
    commit.position = {Position::Kind::kAfter, absl::StrCat(version_ + 1), absl::UnixEpoch()};
    DeadLetter letter;
    letter.log_id = commit.position.id;
    letter.raw = std::string(2000, 'x');
    commit.dead_letters = {letter};
    RETURN_IF_ERROR(
        store_.Write([&](Transaction& tx) { return tx.CommitProgress(commit).status(); }));
    run_ = next;
    ++version_;
    return absl::OkStatus();
  }

  std::int64_t version() const { return version_; }

 private:
  Store& store_;
  RunRecord run_;
  std::int64_t version_ = 0;
};

// The superuser may do everything, so it would see nothing.
void BecomeOrdinary() {
  constexpr int kNobody = 65534;
  if (::geteuid() != 0) return;
  if (::setgroups(0, nullptr) != 0 || ::setgid(kNobody) != 0 || ::setuid(kNobody) != 0) {
    std::cerr << "cannot become an ordinary user" << std::endl;
    std::exit(1);
  }
}

void LimitFiles(rlim_t bytes) {
  rlimit limit{};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  limit.rlim_cur = bytes == 0 ? limit.rlim_max : bytes;
  ::setrlimit(RLIMIT_FSIZE, &limit);
}

absl::Status Run(const std::string& command, const std::string& path, const std::string& number) {
  if (command == "open") BecomeOrdinary();
  ASSIGN_OR_RETURN(const std::unique_ptr<Store> store, Open(path));
  if (command == "open") return absl::OkStatus();
  if (command == "hold") {
    std::cout << "ready" << std::endl;
    std::string line;
    std::getline(std::cin, line);
    return absl::OkStatus();
  }
  Runner runner(*store);
  RETURN_IF_ERROR(runner.Start());
  if (command == "commit") {
    for (;;) {
      RETURN_IF_ERROR(runner.Commit());
      std::cout << runner.version() << std::endl;
    }
  }
  std::signal(SIGXFSZ, SIG_IGN);
  LimitFiles(std::strtoull(number.c_str(), nullptr, 10));
  absl::Status status;
  for (int i = 0; i < 10'000 && status.ok(); ++i) status = runner.Commit();
  std::cout << status << std::endl;
  // It stays so, without harm.
  for (int i = 0; i < 3; ++i) std::cout << runner.Commit().code() << std::endl;
  LimitFiles(0);
  return runner.Commit();
}

}  // namespace
}  // namespace logexport

int main(int argc, char** argv) {
  const auto argument = [&](int i) { return std::string(i < argc ? argv[i] : ""); };
  const absl::Status status = logexport::Run(argument(1), argument(2), argument(3));
  std::cout << (status.ok() ? "ok" : status.ToString()) << std::endl;
  return status.ok() ? 0 : 1;
}
