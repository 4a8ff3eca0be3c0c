#include <utility>

#include "service/base/status_macros.h"
#include "service/state/sql_transaction.h"

namespace logexport {
namespace {

SealedSecret ReadSecret(SqlRow& row) {
  SealedSecret secret;
  secret.exporter = row.ReadText();
  secret.field = row.ReadText();
  secret.version = row.ReadInt();
  secret.key_id = row.ReadText();
  secret.box = row.ReadText();
  return secret;
}

}  // namespace

absl::StatusOr<std::vector<SealedSecret>> SqlTransaction::SecretsOf(absl::string_view exporter) {
  return SelectAll(
      "SELECT exporter, field, version, key_id, box FROM secrets WHERE exporter = :exporter "
      "ORDER BY field, version",
      {exporter}, ReadSecret);
}

absl::StatusOr<std::string> SqlTransaction::SealConfig(absl::string_view exporter,
                                                       absl::string_view config) {
  if (context_.sealer == nullptr) return std::string(config);
  ASSIGN_OR_RETURN(const std::vector<SealedSecret> known, SecretsOf(exporter));
  ASSIGN_OR_RETURN(ConfigSealer::Sealed sealed, context_.sealer->Seal(exporter, config, known));
  for (const SealedSecret& secret : sealed.fresh) {
    RETURN_IF_ERROR(
        session_
            .Execute("INSERT INTO secrets (exporter, field, version, key_id, box) "
                     "VALUES (:exporter, :field, :version, :key_id, :box)",
                     {secret.exporter, secret.field, secret.version, secret.key_id, secret.box})
            .status());
  }
  return std::move(sealed.config);
}

absl::Status SqlTransaction::OpenConfig(ConfigVersion* version) {
  if (context_.sealer == nullptr || !context_.sealer->IsSealed(version->config)) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const std::vector<SealedSecret> known, SecretsOf(version->exporter));
  ASSIGN_OR_RETURN(version->config,
                   context_.sealer->Open(version->exporter, version->config, known));
  return absl::OkStatus();
}

absl::Status SqlTransaction::SealStoredConfigs() {
  struct Stored {
    std::string exporter;
    std::int64_t version = 0;
    std::string config;
  };
  std::vector<Stored> all;
  RETURN_IF_ERROR(session_.Select("SELECT exporter, version, config FROM config_versions", {},
                                  [&all](SqlRow& row) {
                                    Stored stored;
                                    stored.exporter = row.ReadText();
                                    stored.version = row.ReadInt();
                                    stored.config = row.ReadText();
                                    all.push_back(std::move(stored));
                                  }));
  for (const Stored& stored : all) {
    ASSIGN_OR_RETURN(const std::string sealed, SealConfig(stored.exporter, stored.config));
    RETURN_IF_ERROR(session_
                        .Execute("UPDATE config_versions SET config = :config "
                                 "WHERE exporter = :exporter AND version = :version",
                                 {sealed, stored.exporter, stored.version})
                        .status());
  }
  return session_.Execute("UPDATE unsealed_configs SET step = 'scrub'").status();
}

absl::StatusOr<std::vector<std::string>> SqlTransaction::SecretKeyIds() {
  RETURN_IF_ERROR(Enter("SecretKeyIds", Mode::kRead));
  return SelectAll("SELECT DISTINCT key_id FROM secrets ORDER BY key_id", {}, ReadTextColumn);
}

absl::StatusOr<std::map<std::string, std::int64_t>> SqlTransaction::CountSecretsByKey() {
  RETURN_IF_ERROR(Enter("CountSecretsByKey", Mode::kRead));
  std::map<std::string, std::int64_t> counts;
  RETURN_IF_ERROR(session_.Select("SELECT key_id, count(*) FROM secrets GROUP BY key_id", {},
                                  [&counts](SqlRow& row) {
                                    const std::string key_id = row.ReadText();
                                    counts[key_id] = row.ReadInt();
                                  }));
  return counts;
}

absl::StatusOr<std::vector<SealedSecret>> SqlTransaction::SecretsUnderOtherKeys(
    absl::string_view key_id, int size, const SealedSecret& after) {
  RETURN_IF_ERROR(Enter("SecretsUnderOtherKeys", Mode::kRead));
  return SelectAll(
      "SELECT exporter, field, version, key_id, box FROM secrets WHERE key_id <> :key_id "
      "AND (exporter, field, version) > (:exporter, :field, :version) "
      "ORDER BY exporter, field, version LIMIT :size",
      {key_id, after.exporter, after.field, after.version, size}, ReadSecret);
}

absl::Status SqlTransaction::ReplaceSecret(const SealedSecret& secret) {
  RETURN_IF_ERROR(Enter("ReplaceSecret", Mode::kWrite, secret.exporter));
  return session_
      .Execute(
          "UPDATE secrets SET key_id = :key_id, box = :box WHERE exporter = :exporter "
          "AND field = :field AND version = :version",
          {secret.key_id, secret.box, secret.exporter, secret.field, secret.version})
      .status();
}

}  // namespace logexport
