#include "service/control/audit_control.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include <google/protobuf/descriptor.h>

#include "logexport/v1/audit.pb.h"
#include "service/base/status_macros.h"
#include "service/control/api_error.h"
#include "service/control/audit_pass.h"
#include "service/control/audited_call.h"
#include "service/control/known_names.h"
#include "service/control/ocsf_event.h"
#include "service/control/page_token.h"
#include "service/control/report_message.h"
#include "service/state/audit_chain.h"

namespace logexport {
namespace {

// A check that entries were removed under begins again, since it cannot tell what was there.
constexpr int kMostChecks = 3;

std::vector<std::string> KnownMethods() {
  std::vector<std::string> names = {std::string(kPruneAuditMethod), kLoginMethod, kLogoutMethod};
  const google::protobuf::ServiceDescriptor* const service =
      v1::AuditEntry::descriptor()->file()->pool()->FindServiceByName(
          "logexport.v1.LogExportService");
  for (int n = 0; service != nullptr && n < service->method_count(); ++n) {
    names.push_back(service->method(n)->name());
  }
  return names;
}

v1::AuditOutcome OutcomeToProto(AuditOutcome outcome) {
  switch (outcome) {
    case AuditOutcome::kDone:
      return v1::AUDIT_OUTCOME_DONE;
    case AuditOutcome::kRefused:
      return v1::AUDIT_OUTCOME_REFUSED;
    case AuditOutcome::kFailed:
      return v1::AUDIT_OUTCOME_FAILED;
  }
  return v1::AUDIT_OUTCOME_UNSPECIFIED;
}

v1::AuditEntry ToAuditRow(const AuditEntry& entry, bool include_ocsf) {
  v1::AuditEntry row;
  row.set_sequence(entry.sequence);
  *row.mutable_time() = ToProto(entry.time);
  row.mutable_caller()->set_name(entry.caller);
  row.mutable_caller()->set_verified(entry.verified);
  v1::Role role = v1::ROLE_UNSPECIFIED;
  if (v1::Role_Parse(absl::StrCat("ROLE_", entry.role), &role)) row.set_role(role);
  row.set_address(entry.address);
  row.set_way(entry.way);
  row.set_method(entry.method);
  row.set_exporter(entry.exporter);
  row.set_call_id(entry.call_id);
  row.set_request_id(entry.request_id);
  row.set_reason(entry.reason);
  for (const AuditedChange& change : entry.changes) {
    v1::FieldChange* out = row.add_changes();
    out->set_field(change.field);
    out->set_old_value(change.before);
    out->set_new_value(change.after);
  }
  row.set_outcome(OutcomeToProto(entry.outcome));
  row.set_error_reason(entry.error_reason);
  row.set_further_refusals(entry.further_refusals);
  row.set_key_id(entry.key_id);
  row.set_previous_hash(entry.previous_hash);
  row.set_hash(entry.hash);
  if (include_ocsf) row.set_ocsf_json(OcsfEvent(entry));
  return row;
}

absl::StatusOr<AuditFilter> AuditFilterOf(const v1::ListAuditRequest& request) {
  AuditFilter filter;
  std::vector<ApiError::Violation> violations;
  filter.exporters = {request.exporters().begin(), request.exporters().end()};
  const std::vector<std::string> known = KnownMethods();
  google::protobuf::RepeatedPtrField<std::string> methods;
  for (const std::string& method : request.methods()) *methods.Add() = AsKnown(method, known);
  filter.methods = {methods.begin(), methods.end()};
  filter.callers = {request.callers().begin(), request.callers().end()};
  CheckNames("methods", methods, "RPC", known, &violations);
  for (const int value : request.outcomes()) {
    switch (value) {
      case v1::AUDIT_OUTCOME_DONE:
        filter.outcomes.push_back(AuditOutcome::kDone);
        break;
      case v1::AUDIT_OUTCOME_REFUSED:
        filter.outcomes.push_back(AuditOutcome::kRefused);
        break;
      case v1::AUDIT_OUTCOME_FAILED:
        filter.outcomes.push_back(AuditOutcome::kFailed);
        break;
      default:
        violations.push_back({"outcomes", "must be DONE, REFUSED or FAILED"});
    }
  }
  if (request.has_since()) filter.from = FromProto(request.since());
  if (request.has_until()) filter.to = FromProto(request.until());
  if (request.has_since() && request.has_until() && *filter.from >= *filter.to) {
    violations.push_back({"until", "must be after since"});
  }
  if (request.after_sequence() < 0) {
    violations.push_back({"after_sequence", "must not be negative"});
  }
  filter.after_sequence = request.after_sequence();
  constexpr int kMostNames = 100;
  for (const auto& [field, count] :
       {std::pair<const char*, int>{"exporters", request.exporters_size()},
        {"callers", request.callers_size()}}) {
    if (count > kMostNames) {
      violations.push_back(
          {field, absl::StrCat("has ", count, " entries; at most ", kMostNames, " are accepted")});
    }
  }
  RETURN_IF_ERROR(InvalidFields(std::move(violations)));
  return filter;
}

absl::StatusOr<AuditHead> AnchorOf(const std::string& text) {
  AuditHead anchor;
  if (text.empty()) return anchor;
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  anchor.hash = absl::AsciiStrToLower(parts.second);
  const bool hexadecimal = anchor.hash.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (!absl::SimpleAtoi(parts.first, &anchor.sequence) || anchor.sequence < 1 ||
      anchor.hash.size() != 64 || !hexadecimal) {
    return InvalidFields({{"anchor",
                           "must be of the form SEQUENCE:HASH, with a number and 64 hexadecimal "
                           "digits, as the service's log and daily report tell it"}});
  }
  return anchor;
}

absl::Status CheckGoesOn(const CallLimits& limits, Clock& clock) {
  if (limits.stop.stop_requested()) return ShuttingDown();
  if (clock.Monotonic() < limits.deadline) return absl::OkStatus();
  return absl::DeadlineExceededError(
      "the audit could not be checked in the time that the caller gave; give it more");
}

}  // namespace

absl::StatusOr<v1::ListAuditResponse> AuditControl::ListAudit(const v1::ListAuditRequest& request) {
  ASSIGN_OR_RETURN(const std::string key, ReadPageToken(request));
  ASSIGN_OR_RETURN(const int size, PageSize(request.page_size()));
  ASSIGN_OR_RETURN(const AuditFilter filter, AuditFilterOf(request));
  std::int64_t before = 0;
  if (!key.empty() && !absl::SimpleAtoi(key, &before)) return BadPageToken();
  v1::ListAuditResponse response;
  RETURN_IF_ERROR(environment_.store.Read([&](Transaction& tx) -> absl::Status {
    std::size_t bytes = 0;
    for (;;) {
      ASSIGN_OR_RETURN(const std::vector<AuditEntry> entries,
                       tx.ListAudit(filter, {kPageStep, before}));
      for (const AuditEntry& entry : entries) {
        v1::AuditEntry row = ToAuditRow(entry, request.include_ocsf());
        bytes += row.ByteSizeLong();
        const int count = response.entries_size();
        if (count == size || (count > 0 && bytes > kMostPageBytes)) {
          response.set_next_page_token(MakePageToken(request, absl::StrCat(before)));
          return absl::OkStatus();
        }
        *response.add_entries() = std::move(row);
        before = entry.sequence;
      }
      if (entries.size() < static_cast<std::size_t>(kPageStep)) return absl::OkStatus();
    }
  }));
  return response;
}

absl::StatusOr<v1::VerifyAuditResponse> AuditControl::VerifyAudit(
    const v1::VerifyAuditRequest& request, const CallLimits& limits) {
  ASSIGN_OR_RETURN(const AuditHead anchor, AnchorOf(request.anchor()));
  for (int attempt = 1;; ++attempt) {
    AuditPass pass(environment_.store, *environment_.protection.audit_signer, anchor);
    for (bool done = false; !done;) {
      RETURN_IF_ERROR(CheckGoesOn(limits, environment_.clock));
      ASSIGN_OR_RETURN(done, pass.Step());
    }
    if (pass.disturbed() && attempt < kMostChecks) continue;
    const AuditChainCheck& check = pass.check();
    v1::VerifyAuditResponse response;
    response.set_intact(pass.intact());
    response.set_entries(check.entries());
    response.set_first_sequence(check.first_sequence());
    response.set_last_sequence(check.last().sequence);
    response.set_anchor(AuditAnchor(check.last()));
    response.set_unverifiable(check.unverifiable());
    for (const std::string& key : check.missing_keys()) response.add_missing_keys(key);
    for (const AuditChainCheck::Problem& problem : pass.Problems()) {
      v1::AuditProblem* out = response.add_problems();
      out->set_sequence(problem.sequence);
      out->set_message(problem.message);
    }
    return response;
  }
}

}  // namespace logexport
