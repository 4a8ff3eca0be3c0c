#include "service/state/sqlite/sqlite_store.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include <sys/stat.h>

#include "service/base/logging.h"
#include "service/base/mutex.h"
#include "service/base/status_macros.h"
#include "service/base/time_text.h"
#include "service/base/version.h"
#include "service/state/file_error.h"
#include "service/state/migrations.h"
#include "service/state/session_pool.h"
#include "service/state/sql_transaction.h"
#include "service/state/sqlite/database_file.h"
#include "service/state/sqlite/lock_file.h"
#include "service/state/sqlite/private_file.h"
#include "service/state/sqlite/sqlite_schema.h"
#include "service/state/sqlite/sqlite_session.h"

namespace logexport {
namespace {

constexpr int kReadSessions = 4;

// SQLite copies the write-ahead log into the database after a commit that leaves it this long; with
// pages of 4 KiB, 4 MiB. It can start the log anew only in a moment without readers, so under a
// steady stream of them the log would grow for ever: beyond kMaxWalBytes we hold new readers back
// until the present ones are done, which takes them milliseconds.
constexpr int kCheckpointPages = 1000;
constexpr std::int64_t kMaxWalBytes = 16 << 20;
constexpr absl::Duration kReaderPatience = absl::Milliseconds(50);
constexpr absl::Duration kMostReaderPatience = absl::Milliseconds(800);
constexpr std::int64_t kBusyTimeoutMs = std::int64_t{SqliteSession::kBusyTimeoutSeconds} * 1000;

struct FileIdentity {
  dev_t device;
  ino_t inode;
};

absl::StatusOr<FileIdentity> Identify(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0) {
    return FileError(errno, absl::StrCat("cannot find the state store ", path));
  }
  return FileIdentity{info.st_dev, info.st_ino};
}

class SqliteStore final : public Store {
 public:
  SqliteStore(std::string path, FileIdentity identity, std::unique_ptr<LockFile> lock,
              std::unique_ptr<SqliteSession> writer, TransactionContext context)
      : path_(std::move(path)),
        wal_path_(path_ + "-wal"),
        identity_(identity),
        lock_(std::move(lock)),
        context_(std::move(context)),
        opened_(context_.clock.Now()),
        writer_(std::move(writer)),
        readers_(
            [path = path_]() -> absl::StatusOr<std::unique_ptr<SqlSession>> {
              return SqliteSession::Open(path, SqliteSession::Access::kReadOnly);
            },
            kReadSessions) {}

  std::int64_t EpochOf(absl::string_view) const override { return context_.epoch; }

  absl::Status CheckOwnership(absl::string_view, std::int64_t epoch) const override {
    // The lock on the file is held for as long as the store is open.
    if (epoch == context_.epoch) return absl::OkStatus();
    return CommitRefused(CommitRefusal::kLeaseLost,
                         absl::StrCat("the store is in epoch ", context_.epoch));
  }

  Members* members() override { return nullptr; }

  absl::StatusOr<std::vector<MemberRecord>> ListMembers() override {
    MemberRecord self;
    self.name = context_.name;
    self.version = kServiceVersion;
    self.since = opened_;
    RETURN_IF_ERROR(readers_.Use([&](SqlSession& session) {
      return session.Select("SELECT count(*) FROM exporters", {},
                            [&self](SqlRow& row) { self.owned = row.ReadInt(); });
    }));
    return std::vector<MemberRecord>{self};
  }

  absl::Status Write(absl::FunctionRef<absl::Status(Transaction&)> body) override {
    MutexLock lock(&write_mutex_);
    RETURN_IF_ERROR(RunTransaction(*writer_, SqlTransaction::Mode::kWrite, body));
    BoundWal();
    return absl::OkStatus();
  }

  absl::Status Read(absl::FunctionRef<absl::Status(Transaction&)> body) override {
    return readers_.Use([&](SqlSession& session) {
      return RunTransaction(session, SqlTransaction::Mode::kRead, body);
    });
  }

  absl::Status SealLiterals() override {
    if (context_.sealer == nullptr) return absl::OkStatus();
    MutexLock lock(&write_mutex_);
    ASSIGN_OR_RETURN(const SealingStep step, NextSealingStep());
    if (step == SealingStep::kNone) return absl::OkStatus();
    if (step == SealingStep::kSeal) {
      RETURN_IF_ERROR(writer_->Begin());
      SqlTransaction transaction(*writer_, context_, SqlTransaction::Mode::kWrite);
      absl::Status status = transaction.SealStoredConfigs();
      if (status.ok()) status = writer_->Commit();
      if (!status.ok()) {
        writer_->Rollback();
        return status;
      }
    }
    // VACUUM writes the database anew from what is in it; cutting the log to nothing removes the
    // pages that it held.
    RETURN_IF_ERROR(writer_->Execute("VACUUM").status());
    if (!CheckpointWal("PRAGMA wal_checkpoint(TRUNCATE)")) {
      return absl::UnavailableError(absl::StrCat(
          "another program reads the state store ", path_,
          ", so that secrets which an earlier version stored cannot be removed from it; end that "
          "program and start again"));
    }
    return writer_->Execute("DELETE FROM unsealed_configs").status();
  }

  absl::Status Check() override {
    // Deleting or replacing the file of a running process goes unnoticed by SQLite, and everything
    // written from then on is lost with the process.
    ASSIGN_OR_RETURN(const FileIdentity now, Identify(path_));
    if (now.device != identity_.device || now.inode != identity_.inode) {
      return absl::DataLossError(
          absl::StrCat("state store ", path_,
                       " was replaced by another file while it was open; stop this process and put "
                       "the file back"));
    }
    return readers_.Use([&](SqlSession& session) {
      return session.Select("SELECT epoch FROM ownership", {}, [](SqlRow& row) { row.SkipAll(); });
    });
  }

 private:
  // What is left to do about literals that an earlier version stored.
  enum class SealingStep {
    kNone,
    kSeal,   // they still stand in configurations
    kScrub,  // only what was overwritten is still in the file
  };
  absl::StatusOr<SealingStep> NextSealingStep() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_) {
    SealingStep step = SealingStep::kNone;
    RETURN_IF_ERROR(writer_->Select("SELECT step FROM unsealed_configs", {}, [&step](SqlRow& row) {
      const std::string name = row.ReadText();
      if (name == "seal") step = SealingStep::kSeal;
      if (name == "scrub") step = SealingStep::kScrub;
    }));
    return step;
  }

  absl::Status RunTransaction(SqlSession& session, SqlTransaction::Mode mode,
                              absl::FunctionRef<absl::Status(Transaction&)> body) {
    if (context_.fault) RETURN_IF_ERROR(context_.fault("Begin"));
    absl::Status status = session.Begin();
    if (status.ok()) {
      SqlTransaction transaction(session, context_, mode);
      status = body(transaction);
    }
    // A database error fails the transaction even if the body does not return it.
    if (status.ok()) status = session.failure();
    if (status.ok() && context_.fault) status = context_.fault("Commit");
    if (status.ok()) status = session.Commit();
    if (!status.ok()) {
      session.Rollback();
      if (context_.on_failure && IsDatabaseFailure(status)) context_.on_failure(status.code());
      return status;
    }
    return mode == SqlTransaction::Mode::kWrite && context_.fault ? context_.fault("Committed")
                                                                  : status;
  }

  void BoundWal() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_) {
    struct stat info;
    if (::stat(wal_path_.c_str(), &info) != 0 || info.st_size < wal_limit_) return;
    // Copy and sync first, while readers go on: then they wait only for a moment below.
    CheckpointWal("PRAGMA wal_checkpoint(PASSIVE)");
    bool shortened = false;
    const bool alone = readers_.Pause(reader_patience_, [&] {
      // Wait only briefly for other programs: their snapshots can last for hours.
      const auto patience = absl::ToInt64Milliseconds(kReaderPatience);
      SetBusyTimeout(patience);
      shortened = CheckpointWal("PRAGMA wal_checkpoint(TRUNCATE)");
      SetBusyTimeout(kBusyTimeoutMs);
    });
    if (!alone) {
      // Our own readers are done soon, also on a busy machine. The next commit tries again and
      // waits longer.
      reader_patience_ = std::min(2 * reader_patience_, kMostReaderPatience);
      return;
    }
    reader_patience_ = kReaderPatience;
    // If another program blocks truncation, retry after 16 MiB more, not with each commit.
    wal_limit_ = shortened ? kMaxWalBytes : info.st_size + kMaxWalBytes;
  }

  // Returns whether all of the log is in the database now. A failure loses nothing: commits are
  // durable in the log.
  bool CheckpointWal(const char* pragma) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    bool busy = true;
    const absl::Status status = writer_->Select(pragma, {}, [&](SqlRow& row) {
      // A reader that blocks truncation makes this true; it is no error.
      busy = row.ReadBool();
      row.SkipAll();
    });
    if (!status.ok()) LogWarning("cannot shorten the write-ahead log", {{"status", status}});
    return status.ok() && !busy;
  }

  void SetBusyTimeout(std::int64_t milliseconds) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    const absl::Status status =
        writer_->Select(absl::StrCat("PRAGMA busy_timeout = ", milliseconds), {},
                        [](SqlRow& row) { row.SkipAll(); });
    if (!status.ok()) LogWarning("cannot set SQLite's busy timeout", {{"status", status}});
  }

  const std::string path_;
  const std::string wal_path_;
  const FileIdentity identity_;
  // Released last: SQLite still writes to the file when the last session closes.
  const std::unique_ptr<LockFile> lock_;
  const TransactionContext context_;
  const absl::Time opened_;

  Mutex write_mutex_;
  const std::unique_ptr<SqliteSession> writer_ ABSL_PT_GUARDED_BY(write_mutex_);
  std::int64_t wal_limit_ ABSL_GUARDED_BY(write_mutex_) = kMaxWalBytes;
  absl::Duration reader_patience_ ABSL_GUARDED_BY(write_mutex_) = kReaderPatience;
  SessionPool readers_;
};

// The path behind symbolic links, so that a file has one lock by whatever name it is opened.
absl::StatusOr<std::string> ResolvePath(absl::string_view path) {
  std::error_code error;
  const std::filesystem::path resolved =
      std::filesystem::weakly_canonical(std::filesystem::path(std::string(path)), error);
  if (error) return FileError(error.value(), absl::StrCat("cannot resolve the path ", path));
  return resolved.string();
}

absl::Status UseWal(SqlSession& session, const std::string& path) {
  std::string mode;
  RETURN_IF_ERROR(session.Select("PRAGMA journal_mode = WAL", {},
                                 [&mode](SqlRow& row) { mode = row.ReadText(); }));
  if (mode != "wal") {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " cannot have a write-ahead log (journal mode ", mode,
                     "); put the state store on a local disk"));
  }
  return session.Execute(absl::StrCat("PRAGMA wal_autocheckpoint = ", kCheckpointPages)).status();
}

// Whoever went on with a store that was copied elsewhere would export everything a second time.
absl::Status CheckNotMoved(SqlSession& session, const std::string& path, bool unmark) {
  if (unmark) return session.Execute("DELETE FROM moved").status();
  std::string target;
  absl::Time moved;
  RETURN_IF_ERROR(session.Select("SELECT target, moved FROM moved", {}, [&](SqlRow& row) {
    target = row.ReadText();
    moved = row.ReadTime();
  }));
  if (target.empty()) return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat("the state store ", path, " was copied to ", target, " at ", FormatTime(moved),
                   "; start on that one. If nothing has worked on it yet, --unmark-moved takes "
                   "that back"));
}

absl::StatusOr<std::int64_t> TakeNextEpoch(SqlSession& session) {
  std::int64_t epoch = 0;
  RETURN_IF_ERROR(session.Begin());
  absl::Status status = session.Select("UPDATE ownership SET epoch = epoch + 1 RETURNING epoch", {},
                                       [&epoch](SqlRow& row) { epoch = row.ReadInt(); });
  if (status.ok() && epoch == 0) status = absl::DataLossError("the state store has no epoch");
  // Every exporter belongs to whoever has the file.
  if (status.ok()) {
    status = session.Execute("UPDATE checkpoints SET owner = '', fence_epoch = :epoch", {epoch})
                 .status();
  }
  if (status.ok()) status = session.Commit();
  if (!status.ok()) {
    session.Rollback();
    return status;
  }
  return epoch;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(absl::string_view given_path,
                                                       const StoreOptions& options, Clock& clock) {
  if (given_path.empty() || absl::StrContains(given_path, '"') ||
      absl::StrContains(given_path, '\0')) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", options.url, "': after sqlite: comes the path of a file, without quotation marks"));
  }
  ASSIGN_OR_RETURN(const std::string path, ResolvePath(given_path));
  RETURN_IF_ERROR(CheckDirectoryOf(path));
  // Lock first: until then another process may be using the file.
  ASSIGN_OR_RETURN(std::unique_ptr<LockFile> lock, LockFile::Acquire(path + ".lock"));
  RETURN_IF_ERROR(CreateDatabaseFile(path));
  for (const char* const ending : {"", "-wal", "-shm", "-journal"}) {
    RETURN_IF_ERROR(CheckPrivateFileAt(path + ending));
  }
  ASSIGN_OR_RETURN(const int version, InspectDatabase(path, NewestSchemaVersion()));

  ASSIGN_OR_RETURN(std::unique_ptr<SqliteSession> writer,
                   SqliteSession::Open(path, SqliteSession::Access::kReadWrite));
  RETURN_IF_ERROR(UseWal(*writer, path));
  RETURN_IF_ERROR(Migrate(*writer, version, Migrations()));
  RETURN_IF_ERROR(CheckNotMoved(*writer, path, options.unmark_moved));
  ASSIGN_OR_RETURN(const std::int64_t epoch, TakeNextEpoch(*writer));
  ASSIGN_OR_RETURN(const FileIdentity identity, Identify(path));
  return std::make_unique<SqliteStore>(
      path, identity, std::move(lock), std::move(writer),
      TransactionContext{clock, "", epoch, ThisMembersName(), options.sealer, options.audit_signer,
                         options.fault, options.on_failure});
}

}  // namespace logexport
