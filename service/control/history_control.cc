// ListHistory of AuditControl.
#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

#include "logexport/v1/configuration.pb.h"
#include "logexport/v1/history.pb.h"
#include "service/base/count_text.h"
#include "service/base/status_macros.h"
#include "service/base/utf8.h"
#include "service/control/api_error.h"
#include "service/control/audit_control.h"
#include "service/control/config_versions.h"
#include "service/control/page_token.h"
#include "service/control/report_message.h"
#include "service/control/run_control.h"
#include "service/control/write_once.h"
#include "service/state/history.h"

namespace logexport {
namespace {

v1::HistoryKind KindToProto(HistoryKind kind) {
  switch (kind) {
    case HistoryKind::kRun:
      return v1::HISTORY_KIND_RUN;
    case HistoryKind::kCheckpoint:
      return v1::HISTORY_KIND_CHECKPOINT;
    case HistoryKind::kConfiguration:
      return v1::HISTORY_KIND_CONFIGURATION;
    case HistoryKind::kPause:
      return v1::HISTORY_KIND_PAUSE;
    case HistoryKind::kAudit:
      return v1::HISTORY_KIND_AUDIT;
  }
  return v1::HISTORY_KIND_UNSPECIFIED;
}

// The place as a page token's key: microseconds since 1970, the kind's number, the record's.
std::string HistoryKeyOf(const HistoryPlace& place) {
  return absl::StrCat(absl::ToUnixMicros(place.time), ":", static_cast<int>(place.kind), ":",
                      place.number);
}

absl::StatusOr<HistoryPlace> HistoryPlaceOf(const std::string& key) {
  HistoryPlace place;
  if (key.empty()) return place;
  const std::vector<absl::string_view> parts = absl::StrSplit(key, ':');
  std::int64_t micros = 0;
  int kind = 0;
  if (parts.size() != 3 || !absl::SimpleAtoi(parts[0], &micros) ||
      !absl::SimpleAtoi(parts[1], &kind) || !absl::SimpleAtoi(parts[2], &place.number) ||
      kind < 0 || kind > static_cast<int>(HistoryKind::kAudit)) {
    return BadPageToken();
  }
  place.time = absl::FromUnixMicros(micros);
  place.kind = static_cast<HistoryKind>(kind);
  return place;
}

absl::StatusOr<HistoryFilter> HistoryFilterOf(const v1::ListHistoryRequest& request,
                                              v1::Role role) {
  HistoryFilter filter;
  std::vector<ApiError::Violation> violations;
  filter.exporter = ExporterOr(request.exporter());
  for (const HistoryKind kind :
       {HistoryKind::kRun, HistoryKind::kCheckpoint, HistoryKind::kConfiguration,
        HistoryKind::kPause, HistoryKind::kAudit}) {
    const auto& wanted = request.kinds();
    const bool named = std::find(wanted.begin(), wanted.end(), KindToProto(kind)) != wanted.end();
    if (kind == HistoryKind::kAudit && role < v1::ROLE_ADMIN) continue;
    if (wanted.empty() || named) filter.kinds.push_back(kind);
  }
  for (const int kind : request.kinds()) {
    if (kind == v1::HISTORY_KIND_UNSPECIFIED || !v1::HistoryKind_IsValid(kind)) {
      violations.push_back({"kinds", "names no kind of entry"});
    }
  }
  if (request.has_since()) filter.from = FromProto(request.since());
  if (request.has_until()) filter.to = FromProto(request.until());
  if (request.has_since() && request.has_until() && *filter.from >= *filter.to) {
    violations.push_back({"until", "must be after since"});
  }
  RETURN_IF_ERROR(InvalidFields(std::move(violations)));
  return filter;
}

std::string Words(absl::string_view name) {
  std::string words = absl::AsciiStrToLower(name);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

// "version 4: schedule.cron @hourly → @daily", and only the names where the values are not known.
std::string SummaryOfVersion(const HistoryRecord& record,
                             const std::vector<v1::FieldChange>& changes) {
  std::string summary = absl::StrCat("version ", record.number);
  if (record.rollback_of > 0) absl::StrAppend(&summary, ", back to ", record.rollback_of);
  constexpr std::size_t kMostNamed = 10;
  constexpr std::size_t kLongestValue = 60;
  std::vector<std::string> fields;
  const auto shown = [](const std::string& value) {
    if (value.empty()) return std::string("(default)");
    if (value.size() <= kLongestValue) return value;
    return absl::StrCat(TruncateUtf8(value, kLongestValue), "…");
  };
  for (const v1::FieldChange& change : changes) {
    fields.push_back(absl::StrCat(change.field(), " ", shown(change.old_value()), " → ",
                                  shown(change.new_value())));
  }
  if (fields.empty()) fields = record.changed_fields;
  const std::size_t all = fields.size();
  if (all > kMostNamed) fields.resize(kMostNamed);
  if (all > 0) absl::StrAppend(&summary, ": ", absl::StrJoin(fields, ", "));
  if (all > kMostNamed) absl::StrAppend(&summary, " and ", all - kMostNamed, " more");
  return summary;
}

std::string SummaryOf(const HistoryRecord& record, const std::vector<v1::FieldChange>& changes) {
  switch (record.kind) {
    case HistoryKind::kRun: {
      std::string summary =
          absl::StrCat(RunStateName(record.state), " ", Words(RunKindName(record.run_kind)), " (",
                       Words(TriggerName(record.trigger)), ")");
      if (!record.error_reason.empty())
        absl::StrAppend(&summary, ": ", record.error_reason);
      else if (record.stop_reason != StopReason::kNone)
        absl::StrAppend(&summary, ": ", Words(StopReasonName(record.stop_reason)));
      if (record.fetched > 0) {
        absl::StrAppend(&summary, ", ", CountText(record.fetched), " logs, ",
                        CountText(record.accepted), " accepted");
      }
      if (record.idle_runs > 1) {
        absl::StrAppend(&summary, ", ", CountText(record.idle_runs), " runs that found nothing");
      }
      return summary;
    }
    case HistoryKind::kCheckpoint:
      return absl::StrCat("checkpoint moved from ", DescribePosition(record.before), " to ",
                          DescribePosition(record.after));
    case HistoryKind::kConfiguration:
      return SummaryOfVersion(record, changes);
    case HistoryKind::kPause:
      return record.method == "PauseExporter" ? "paused" : "resumed";
    case HistoryKind::kAudit:
      return absl::StrCat(record.method, " ", Words(record.outcome),
                          record.error_reason.empty() ? "" : ": ", record.error_reason);
  }
  return "";
}

// What the version of the configuration changed; nothing for other records.
absl::StatusOr<std::vector<v1::FieldChange>> ChangesOf(Transaction& tx, const std::string& exporter,
                                                       const HistoryRecord& record) {
  if (record.kind != HistoryKind::kConfiguration) return std::vector<v1::FieldChange>();
  ASSIGN_OR_RETURN(const ConfigVersion version, tx.GetConfigVersion(exporter, record.number));
  return ChangesOfVersion(tx, exporter, version);
}

v1::HistoryEntry ToHistoryRow(const HistoryRecord& record,
                              const std::vector<v1::FieldChange>& changes) {
  v1::HistoryEntry row;
  *row.mutable_time() = ToProto(record.time);
  row.set_kind(KindToProto(record.kind));
  row.set_summary(SummaryOf(record, changes));
  *row.mutable_by() = ToRequester(record.audit);
  row.set_reason(ShownReason(record.audit.reason));
  switch (record.kind) {
    case HistoryKind::kRun:
      row.set_run_id(record.run_id);
      break;
    case HistoryKind::kCheckpoint:
      row.set_checkpoint_version(record.number);
      break;
    case HistoryKind::kConfiguration:
      row.set_config_version(record.number);
      break;
    case HistoryKind::kPause:
    case HistoryKind::kAudit:
      row.set_audit_sequence(record.number);
      break;
  }
  return row;
}

}  // namespace

absl::StatusOr<v1::ListHistoryResponse> AuditControl::ListHistory(
    const v1::ListHistoryRequest& request, v1::Role role) {
  ASSIGN_OR_RETURN(const std::string key, ReadPageToken(request));
  ASSIGN_OR_RETURN(const HistoryPlace behind, HistoryPlaceOf(key));
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const HistoryFilter filter, HistoryFilterOf(request, role));
  v1::ListHistoryResponse response;
  RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(FindExporter(tx, filter.exporter).status());
    ASSIGN_OR_RETURN(const std::vector<HistoryRecord> records,
                     tx.ListHistory(filter, size + 1, behind));
    std::size_t bytes = 0;
    HistoryPlace last = behind;
    for (const HistoryRecord& record : records) {
      ASSIGN_OR_RETURN(const std::vector<v1::FieldChange> changes,
                       ChangesOf(tx, filter.exporter, record));
      v1::HistoryEntry row = ToHistoryRow(record, changes);
      bytes += row.ByteSizeLong();
      const int count = response.entries_size();
      if (count == size || (count > 0 && bytes > kMostPageBytes)) {
        response.set_next_page_token(MakePageToken(request, HistoryKeyOf(last)));
        break;
      }
      *response.add_entries() = std::move(row);
      last = {record.time, record.kind, record.number};
    }
    return absl::OkStatus();
  }));
  return response;
}

}  // namespace logexport
