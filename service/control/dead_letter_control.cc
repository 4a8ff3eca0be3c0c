#include "service/control/dead_letter_control.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "logexport/v1/dead_letter.pb.h"
#include "logexport/v1/errors.pb.h"
#include "service/base/logging.h"
#include "service/base/status_macros.h"
#include "service/base/utf8.h"
#include "service/control/api_error.h"
#include "service/control/audited_call.h"
#include "service/control/known_names.h"
#include "service/control/page_token.h"
#include "service/control/report_message.h"
#include "service/control/run_control.h"
#include "service/control/write_once.h"
#include "service/runs/trusted_time.h"

namespace logexport {
namespace {

// These keep a page of large logs below the message limit of clients, 4 MB.
constexpr std::size_t kLongestLogShown = 64 << 10;
// Every page counts the matches again, so the count ends here and is marked as a lower bound.
constexpr std::int64_t kMostCounted = 10'000;

// The place of a dead letter as a page token's key: microseconds since 1970, ':' and the log id.
std::string KeyOf(const DeadLetterPlace& place) {
  return absl::StrCat(absl::ToUnixMicros(place.recorded), ":", place.log_id);
}

absl::StatusOr<DeadLetterPlace> PlaceOf(absl::string_view key) {
  DeadLetterPlace place;
  if (key.empty()) return place;
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(key, absl::MaxSplits(':', 1));
  std::int64_t recorded = 0;
  if (!absl::SimpleAtoi(parts.first, &recorded)) return BadPageToken();
  place.recorded = absl::FromUnixMicros(recorded);
  place.log_id = std::string(parts.second);
  return place;
}

v1::DeadLetter ToRow(const DeadLetter& letter) {
  v1::DeadLetter row;
  row.set_log_id(letter.log_id);
  row.set_type(letter.log_type);
  if (letter.log_time.has_value()) *row.mutable_log_time() = ToProto(*letter.log_time);
  row.set_reason(letter.reason);
  row.set_message(letter.message);
  *row.mutable_create_time() = ToProto(letter.recorded);
  row.set_run_id(letter.run_id);
  row.set_attempts(static_cast<std::int32_t>(letter.attempts));
  row.set_log_json(std::string(TruncateUtf8(letter.raw, kLongestLogShown)));
  return row;
}

// What the audit tells of the logs that were shown.
std::vector<AuditedChange> ShownLetters(const v1::ListDeadLettersResponse& response) {
  std::vector<AuditedChange> shown = {
      {"logs shown", "", absl::StrCat(response.dead_letters_size())}};
  if (response.dead_letters_size() > 0) {
    shown.push_back({"first log", "", response.dead_letters(0).log_id()});
    shown.push_back({"last log", "", response.dead_letters().rbegin()->log_id()});
  }
  return shown;
}

// Adds a page of dead letters, and the token of the next one if there is any.
absl::Status AddPage(Transaction& tx, const DeadLetterFilter& filter, DeadLetterPlace behind,
                     int size, const v1::ListDeadLettersRequest& request,
                     v1::ListDeadLettersResponse* response) {
  std::size_t bytes = 0;
  for (;;) {
    ASSIGN_OR_RETURN(const std::vector<DeadLetter> letters,
                     tx.ListNewestDeadLetters(filter, kPageStep, behind));
    for (const DeadLetter& letter : letters) {
      v1::DeadLetter row = ToRow(letter);
      bytes += row.ByteSizeLong();
      const int count = response->dead_letters_size();
      if (count == size || (count > 0 && bytes > kMostPageBytes)) {
        response->set_next_page_token(MakePageToken(request, KeyOf(behind)));
        return absl::OkStatus();
      }
      *response->add_dead_letters() = std::move(row);
      behind = {letter.recorded, letter.log_id};
    }
    if (letters.size() < static_cast<std::size_t>(kPageStep)) return absl::OkStatus();
  }
}

}  // namespace

absl::StatusOr<v1::ListDeadLettersResponse> DeadLetterControl::ListDeadLetters(
    const v1::ListDeadLettersRequest& request, const Caller& caller) {
  ASSIGN_OR_RETURN(const std::string key, ReadPageToken(request));
  ASSIGN_OR_RETURN(const DeadLetterPlace behind, PlaceOf(key));
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  DeadLetterFilter filter;
  filter.exporter = ExporterOr(request.exporter());
  filter.reasons = {request.reasons().begin(), request.reasons().end()};
  filter.types = {request.types().begin(), request.types().end()};
  filter.log_ids = {request.log_ids().begin(), request.log_ids().end()};
  if (request.has_since()) filter.recorded_from = FromProto(request.since());
  if (request.has_until()) filter.recorded_to = FromProto(request.until());
  std::vector<ApiError::Violation> violations;
  CheckNames("reasons", request.reasons(), *v1::DeadLetterReason_descriptor(), &violations);
  CheckLogTypes("types", request.types(), environment_.log_types, &violations);
  CheckLogIds("log_ids", request.log_ids(), &violations);
  if (request.has_since() && request.has_until() && *filter.recorded_from >= *filter.recorded_to) {
    violations.push_back({"until", "must be after since"});
  }
  RETURN_IF_ERROR(InvalidFields(std::move(violations)));
  filter.raw_limit = request.include_log() ? static_cast<int>(kLongestLogShown) : 0;
  v1::ListDeadLettersResponse response;
  RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(FindExporter(tx, filter.exporter).status());
    RETURN_IF_ERROR(AddPage(tx, filter, behind, size, request, &response));
    ASSIGN_OR_RETURN(const Total total, tx.CountDeadLettersUpTo(filter, kMostCounted));
    response.set_total_size(total.value);
    response.set_total_size_is_lower_bound(!total.exact);
    return absl::OkStatus();
  }));
  if (request.include_log()) {
    RETURN_IF_ERROR(RecordShown(environment_.store,
                                TrustedNow(environment_.clock, environment_.components), caller,
                                request, ShownLetters(response)));
  }
  return response;
}

absl::StatusOr<v1::PurgeDeadLettersResponse> DeadLetterControl::PurgeDeadLetters(
    const v1::PurgeDeadLettersRequest& request, const Caller& caller) {
  DeadLetterFilter filter;
  filter.exporter = ExporterOr(request.exporter());
  filter.log_ids = {request.log_ids().begin(), request.log_ids().end()};
  filter.reasons = {request.reasons().begin(), request.reasons().end()};
  if (request.has_until()) filter.recorded_to = FromProto(request.until());
  if (!request.all() && filter.log_ids.empty() && filter.reasons.empty() && !request.has_until()) {
    return InvalidFields({{"all",
                           "must be set to purge all dead letters; or name log_ids, reasons "
                           "or until"}});
  }
  std::vector<ApiError::Violation> violations;
  CheckNames("reasons", request.reasons(), *v1::DeadLetterReason_descriptor(), &violations);
  CheckLogIds("log_ids", request.log_ids(), &violations);
  RETURN_IF_ERROR(InvalidFields(std::move(violations)));
  v1::PurgeDeadLettersResponse response;
  std::int64_t kept_before = 0;
  std::vector<AuditedChange> changes;
  const auto body = [&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(FindExporter(tx, filter.exporter).status());
    if (request.validate_only()) {
      ASSIGN_OR_RETURN(const std::int64_t matching, tx.CountDeadLetters(filter));
      response.set_purged(matching);
      return absl::OkStatus();
    }
    DeadLetterFilter all;
    all.exporter = filter.exporter;
    ASSIGN_OR_RETURN(kept_before, tx.CountDeadLetters(all));
    ASSIGN_OR_RETURN(const std::int64_t purged, tx.DeleteDeadLetters(filter));
    response.set_purged(purged);
    changes = {{"dead_letters", absl::StrCat(kept_before), absl::StrCat(kept_before - purged)}};
    return absl::OkStatus();
  };
  ASSIGN_OR_RETURN(
      const bool ran,
      WriteOnce(environment_.store, TrustedNow(environment_.clock, environment_.components), caller,
                request, &response, &changes, body));
  if (ran) {
    LogInfo("dead letters were purged", {{"exporter", filter.exporter},
                                         {"count", response.purged()},
                                         {"kept_before", kept_before},
                                         {"kept", kept_before - response.purged()},
                                         {"requester", caller.name},
                                         {"reason", request.reason()}});
  }
  return response;
}

}  // namespace logexport
