#include "absl/strings/str_cat.h"

#include "service/base/status_macros.h"
#include "service/state/run_columns.h"
#include "service/state/sql_transaction.h"

namespace logexport {
namespace {

#define LOGEXPORT_SELECT_CONFIG_VERSIONS                                             \
  "SELECT exporter, version, config, changed_fields, created, requester, verified, " \
  "substr(reason, 1, 2000), "                                                        \
  "rollback_of FROM config_versions "

ConfigVersion ReadConfigVersion(SqlRow& row) {
  ConfigVersion config;
  config.exporter = row.ReadText();
  config.version = row.ReadInt();
  config.config = row.ReadText();
  config.changed_fields = ReadStrings(row);
  config.created = row.ReadTime();
  config.audit = ReadAudit(row);
  config.rollback_of = row.ReadInt();
  return config;
}

}  // namespace

absl::StatusOr<ConfigVersion> SqlTransaction::GetConfig(absl::string_view exporter) {
  RETURN_IF_ERROR(Enter("GetConfig", Mode::kRead, exporter));
  ASSIGN_OR_RETURN(std::optional<ConfigVersion> config,
                   SelectFirst(LOGEXPORT_SELECT_CONFIG_VERSIONS
                               "WHERE (exporter, version) = "
                               "(SELECT id, config_version FROM exporters WHERE id = :exporter)",
                               {exporter}, ReadConfigVersion));
  if (!config.has_value()) return NoExporterError(exporter);
  RETURN_IF_ERROR(OpenConfig(&*config));
  return *std::move(config);
}

absl::StatusOr<ConfigVersion> SqlTransaction::GetConfigVersion(absl::string_view exporter,
                                                               std::int64_t version) {
  RETURN_IF_ERROR(Enter("GetConfigVersion", Mode::kRead, exporter));
  ASSIGN_OR_RETURN(std::optional<ConfigVersion> config,
                   SelectFirst(LOGEXPORT_SELECT_CONFIG_VERSIONS
                               "WHERE exporter = :exporter AND version = :version",
                               {exporter, version}, ReadConfigVersion));
  if (!config.has_value()) {
    return absl::NotFoundError(
        absl::StrCat("the exporter '", exporter, "' has no configuration version ", version));
  }
  RETURN_IF_ERROR(OpenConfig(&*config));
  return *std::move(config);
}

absl::StatusOr<std::int64_t> SqlTransaction::AddConfigVersion(const ConfigVersion& next,
                                                              std::int64_t expected) {
  RETURN_IF_ERROR(Enter("AddConfigVersion", Mode::kWrite, next.exporter));
  ASSIGN_OR_RETURN(const std::optional<std::int64_t> current,
                   SelectFirst("SELECT config_version FROM exporters WHERE id = :id",
                               {next.exporter}, ReadIntColumn));
  if (!current.has_value()) return NoExporterError(next.exporter);
  if (*current != expected) {
    return absl::AbortedError(absl::StrCat("the configuration of '", next.exporter,
                                           "' is at version ", *current, " and no longer at ",
                                           expected, "; read it again and repeat the change"));
  }
  const std::int64_t version = *current + 1;
  ASSIGN_OR_RETURN(const std::string sealed, SealConfig(next.exporter, next.config));
  RETURN_IF_ERROR(
      session_
          .Execute(
              "INSERT INTO config_versions (exporter, version, config, changed_fields, "
              "created, requester, verified, reason, rollback_of) VALUES (:exporter, :version, "
              ":config, :changed_fields, :created, :requester, :verified, :reason, "
              ":rollback_of)",
              {next.exporter, version, sealed, StringsToJson(next.changed_fields), next.created,
               next.audit.requester, next.audit.verified, next.audit.reason, next.rollback_of})
          .status());
  RETURN_IF_ERROR(session_
                      .Execute("UPDATE exporters SET config_version = :version WHERE id = :id",
                               {version, next.exporter})
                      .status());
  return version;
}

absl::StatusOr<std::vector<ConfigVersion>> SqlTransaction::ListConfigVersions(
    absl::string_view exporter, const PageRequest& page) {
  RETURN_IF_ERROR(Enter("ListConfigVersions", Mode::kRead, exporter));
  ASSIGN_OR_RETURN(
      std::vector<ConfigVersion> versions,
      SelectAll(LOGEXPORT_SELECT_CONFIG_VERSIONS "WHERE exporter = :exporter AND version < :before "
                                                 "ORDER BY version DESC LIMIT :size",
                {exporter, PageStart(page), page.size}, ReadConfigVersion));
  for (ConfigVersion& version : versions) RETURN_IF_ERROR(OpenConfig(&version));
  return versions;
}

#undef LOGEXPORT_SELECT_CONFIG_VERSIONS

}  // namespace logexport
