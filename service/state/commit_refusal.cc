#include "absl/status/status.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"

#include "service/state/transaction.h"

namespace logexport {
namespace {

constexpr absl::string_view kPayload = "logexport/commit_refusal";
constexpr absl::string_view kLeaseLost = "LEASE_LOST";
constexpr absl::string_view kCheckpointMoved = "CHECKPOINT_MOVED";

}  // namespace

CommitRefusal CommitRefusalOf(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayload);
  if (!payload.has_value()) return CommitRefusal::kNone;
  return *payload == kLeaseLost ? CommitRefusal::kLeaseLost : CommitRefusal::kCheckpointMoved;
}

absl::Status CommitRefused(CommitRefusal refusal, absl::string_view message) {
  if (refusal == CommitRefusal::kNone) return absl::OkStatus();
  const absl::string_view reason =
      refusal == CommitRefusal::kLeaseLost ? kLeaseLost : kCheckpointMoved;
  absl::Status status = absl::AbortedError(absl::StrCat(reason, ": ", message));
  status.SetPayload(kPayload, absl::Cord(reason));
  return status;
}

}  // namespace logexport
