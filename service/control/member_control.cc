#include "service/control/member_control.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"

#include "logexport/v1/member.pb.h"
#include "logexport/v1/status.pb.h"
#include "service/base/status_macros.h"
#include "service/config/loaded_config.h"
#include "service/control/api_error.h"
#include "service/control/report_message.h"
#include "service/export/failure.h"

namespace logexport {
namespace {

// What keeps this process from working for the exporter, or "".
absl::StatusOr<std::string> UnreadableHere(Transaction& tx, const std::string& exporter,
                                           const SecretResolver& secrets) {
  ASSIGN_OR_RETURN(const ExporterRecord record, tx.GetExporter(exporter));
  ASSIGN_OR_RETURN(const ConfigVersion version, tx.GetConfig(exporter));
  const absl::Status settings =
      LoadSettings(record, version, /*message_generation=*/0, secrets).status();
  if (settings.ok()) return "";
  const Failure failure = FailureOf(settings);
  return failure.reason == FailureReason::kSecretUnreadable ? failure.message : "";
}

}  // namespace

absl::StatusOr<v1::ListMembersResponse> MemberControl::ListMembers() {
  ASSIGN_OR_RETURN(const std::vector<MemberRecord> members, environment_.store.ListMembers());
  v1::ListMembersResponse response;
  const std::string self = ThisMembersName();
  for (const MemberRecord& member : members) {
    v1::Member* const out = response.add_members();
    out->set_name(member.name);
    out->set_version(member.version);
    *out->mutable_since() = ToProto(member.since);
    if (member.expires < absl::InfiniteFuture()) *out->mutable_expires() = ToProto(member.expires);
    out->set_owned(member.owned);
    out->set_draining(member.draining);
    out->set_answering(member.name == self);
    out->set_member_id(member.member_id);
  }
  return response;
}

absl::Status FillOwner(Transaction& tx, const std::string& exporter,
                       const ControlEnvironment& environment, v1::GetStatusResponse* status) {
  ASSIGN_OR_RETURN(const OwnerRecord owner, tx.GetOwner(exporter));
  status->mutable_owner()->set_epoch(owner.epoch);
  if (owner.alive) status->mutable_owner()->set_member(owner.member.name);
  if (owner.ours) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string unreadable, UnreadableHere(tx, exporter, environment.secrets));
  if (!owner.alive) {
    *status->add_warnings() =
        ToWarning({"NO_OWNER",
                   absl::StrCat("no process works for the exporter; ",
                                unreadable.empty() ? "one that can is to take it within seconds"
                                                   : absl::StrCat(ThisMembersName(),
                                                                  " cannot, because ", unreadable)),
                   1});
  } else if (!unreadable.empty()) {
    *status->add_warnings() = ToWarning(
        {"SECRET_NOT_READABLE_HERE",
         absl::StrCat(ThisMembersName(), " cannot work for the exporter: ", unreadable), 1});
  }
  return absl::OkStatus();
}

absl::Status ExplainSecretHere(const ControlEnvironment& environment, absl::string_view exporter,
                               absl::Status failure) {
  if (failure.ok() || environment.store.members() == nullptr) return failure;
  const Failure secret = FailureOf(failure);
  if (secret.reason != FailureReason::kSecretUnreadable) return failure;
  OwnerRecord owner;
  const absl::Status read = environment.store.Read([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(owner, tx.GetOwner(exporter));
    return absl::OkStatus();
  });
  if (!read.ok() || owner.ours || !owner.alive) return failure;
  ApiError error;
  error.code = absl::StatusCode::kFailedPrecondition;
  error.reason = "SECRET_NOT_READABLE_HERE";
  error.message = absl::StrCat(ThisMembersName(), " cannot answer this: ", secret.message, ". Ask ",
                               owner.member.name, ", which works for the exporter");
  error.metadata["field"] = secret.field;
  error.metadata["member"] = owner.member.name;
  error.precondition = {error.reason, absl::StrCat("members/", owner.member.name), error.message};
  return MakeApiError(error);
}

}  // namespace logexport
