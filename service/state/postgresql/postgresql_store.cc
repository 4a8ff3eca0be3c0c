#include "service/state/postgresql/postgresql_store.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/state/migrations.h"
#include "service/state/postgresql/connection_target.h"
#include "service/state/postgresql/postgresql_schema.h"
#include "service/state/session_pool.h"
#include "service/state/sql_transaction.h"

namespace logexport {
namespace {

// A database has 100 connections by default, for all of its users.
constexpr int kWriteSessions = 4;
constexpr int kReadSessions = 4;

class PostgresqlStore final : public Store {
 public:
  PostgresqlStore(const ConnectionTarget& target, const PostgresqlLimits& limits,
                  std::unique_ptr<Membership> membership, Clock& clock, const StoreOptions& options)
      : clock_(clock),
        fault_(options.fault),
        sealer_(options.sealer),
        audit_signer_(options.audit_signer),
        on_failure_(options.on_failure),
        membership_(std::move(membership)),
        writers_(
            Opener(target, PostgresqlSession::Access::kReadWrite, limits, options.on_unreplicated),
            kWriteSessions),
        readers_(Opener(target, PostgresqlSession::Access::kReadOnly, limits, {}), kReadSessions) {}

  std::int64_t EpochOf(absl::string_view exporter) const override {
    return membership_->EpochOf(exporter);
  }

  absl::Status CheckOwnership(absl::string_view exporter, std::int64_t epoch) const override {
    return membership_->CheckOwnership(exporter, epoch);
  }

  Members* members() override { return membership_.get(); }

  absl::StatusOr<std::vector<MemberRecord>> ListMembers() override {
    return membership_->ListMembers();
  }

  absl::Status Write(absl::FunctionRef<absl::Status(Transaction&)> body) override {
    return writers_.Use([&](SqlSession& session) {
      return RunTransaction(session, Context(), SqlTransaction::Mode::kWrite, body);
    });
  }

  absl::Status Read(absl::FunctionRef<absl::Status(Transaction&)> body) override {
    return readers_.Use([&](SqlSession& session) {
      return RunTransaction(session, Context(), SqlTransaction::Mode::kRead, body);
    });
  }

  // A store on PostgreSQL never was without a sealer if this one has it.
  absl::Status SealLiterals() override {
    if (sealer_ == nullptr) return absl::OkStatus();
    return writers_.Use([&](SqlSession& session) -> absl::Status {
      bool seal = false;
      RETURN_IF_ERROR(session.Select("SELECT step FROM unsealed_configs", {}, [&](SqlRow& row) {
        row.SkipAll();
        seal = true;
      }));
      if (!seal) return absl::OkStatus();
      RETURN_IF_ERROR(session.Begin());
      const TransactionContext context = Context();
      SqlTransaction transaction(session, context, SqlTransaction::Mode::kWrite);
      absl::Status status = transaction.SealStoredConfigs();
      if (status.ok()) status = session.Execute("DELETE FROM unsealed_configs").status();
      if (status.ok()) status = session.Commit();
      if (!status.ok()) session.Rollback();
      return status;
    });
  }

  absl::Status Check() override {
    RETURN_IF_ERROR(membership_->Trusted());
    return readers_.Use([&](SqlSession& session) {
      return session.Select("SELECT epoch FROM ownership", {}, [](SqlRow& row) { row.SkipAll(); });
    });
  }

 private:
  static SessionPool::Opener Opener(const ConnectionTarget& target,
                                    PostgresqlSession::Access access,
                                    const PostgresqlLimits& limits,
                                    const std::function<void()>& on_unreplicated) {
    return [=]() -> absl::StatusOr<std::unique_ptr<SqlSession>> {
      return std::make_unique<PostgresqlSession>(target, access, limits, on_unreplicated);
    };
  }

  TransactionContext Context() const {
    return {
        clock_,      membership_->member_id(),
        /*epoch=*/0, ThisMembersName(),        sealer_, audit_signer_, fault_, on_failure_,
    };
  }

  absl::Status RunTransaction(SqlSession& session, const TransactionContext& context,
                              SqlTransaction::Mode mode,
                              absl::FunctionRef<absl::Status(Transaction&)> body) {
    if (fault_) RETURN_IF_ERROR(fault_("Begin"));
    absl::Status status = session.Begin();
    if (status.ok()) {
      SqlTransaction transaction(session, context, mode);
      status = body(transaction);
    }
    // A database error fails the transaction even if the body does not return it.
    if (status.ok()) status = session.failure();
    if (status.ok() && fault_) status = fault_("Commit");
    if (status.ok()) status = session.Commit();
    if (!status.ok()) {
      session.Rollback();
      if (on_failure_ && IsDatabaseFailure(status)) on_failure_(status.code());
      return status;
    }
    return mode == SqlTransaction::Mode::kWrite && fault_ ? fault_("Committed") : status;
  }

  Clock& clock_;
  const std::function<absl::Status(absl::string_view operation)> fault_;
  const ConfigSealer* const sealer_;
  const AuditSigner* const audit_signer_;
  const std::function<void(absl::StatusCode code)> on_failure_;
  // Given back last: until then this process may write.
  const std::unique_ptr<Membership> membership_;
  SessionPool writers_;
  SessionPool readers_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenPostgresqlStore(const StoreOptions& options,
                                                           Clock& clock,
                                                           const PostgresqlTimes& times) {
  ASSIGN_OR_RETURN(const ConnectionTarget target, ConnectionTarget::Parse(options.url));
  {
    PostgresqlSession session(target, PostgresqlSession::Access::kReadWrite, times.limits);
    ASSIGN_OR_RETURN(const SchemaState schema,
                     InspectSchema(session, target.shown(), NewestSchemaVersion()));
    if (schema.version < NewestSchemaVersion()) {
      RETURN_IF_ERROR(MigrateSchema(session, target.shown(), Migrations()));
    }
  }
  ASSIGN_OR_RETURN(std::unique_ptr<Membership> membership,
                   Membership::Join(target, times.limits, times.membership));
  return std::make_unique<PostgresqlStore>(target, times.limits, std::move(membership), clock,
                                           options);
}

}  // namespace logexport
