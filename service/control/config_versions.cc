#include "service/control/config_versions.h"

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

#include "logexport/v1/configuration.pb.h"
#include "service/base/status_macros.h"
#include "service/config/field_changes.h"
#include "service/config/serialization.h"
#include "service/control/page_token.h"
#include "service/control/report_message.h"

namespace logexport {
namespace {

absl::StatusOr<v1::ConfigVersion> ToVersionRow(Transaction& tx, const std::string& exporter,
                                               const ConfigVersion& version) {
  v1::ConfigVersion row;
  row.set_version(version.version);
  *row.mutable_update_time() = ToProto(version.created);
  *row.mutable_updated_by() = ToRequester(version.audit);
  for (const std::string& field : version.changed_fields) row.add_changed_fields(field);
  row.set_reason(ShownReason(version.audit.reason));
  row.set_rollback_of(version.rollback_of);
  ASSIGN_OR_RETURN(std::vector<v1::FieldChange> changes, ChangesOfVersion(tx, exporter, version));
  for (v1::FieldChange& change : changes) *row.add_changes() = std::move(change);
  return row;
}

}  // namespace

absl::StatusOr<std::vector<v1::FieldChange>> ChangesOfVersion(Transaction& tx,
                                                              const std::string& exporter,
                                                              const ConfigVersion& version) {
  const absl::StatusOr<ConfigVersion> before = tx.GetConfigVersion(exporter, version.version - 1);
  if (absl::IsNotFound(before.status())) return std::vector<v1::FieldChange>();
  RETURN_IF_ERROR(before.status());
  ASSIGN_OR_RETURN(const v1::ExporterConfig old_config, ParseStoredConfig(before->config));
  ASSIGN_OR_RETURN(const v1::ExporterConfig new_config, ParseStoredConfig(version.config));
  return ChangesBetween(old_config, new_config, version.changed_fields);
}

absl::Status AddConfigVersions(Transaction& tx, const std::string& exporter, std::int64_t before,
                               int size, const v1::ListConfigVersionsRequest& request,
                               v1::ListConfigVersionsResponse* response) {
  std::size_t bytes = 0;
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<ConfigVersion> versions,
                     tx.ListConfigVersions(exporter, {kPageStep, before}));
    for (const ConfigVersion& version : versions) {
      ASSIGN_OR_RETURN(v1::ConfigVersion row, ToVersionRow(tx, exporter, version));
      bytes += row.ByteSizeLong();
      const int count = response->versions_size();
      if (count == size || (count > 0 && bytes > kMostPageBytes)) {
        response->set_next_page_token(MakePageToken(request, absl::StrCat(before)));
        return absl::OkStatus();
      }
      *response->add_versions() = std::move(row);
      before = version.version;
    }
    if (versions.size() < static_cast<std::size_t>(kPageStep)) return absl::OkStatus();
  }
}

}  // namespace logexport
