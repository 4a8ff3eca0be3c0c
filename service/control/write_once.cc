#include "service/control/write_once.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

#include "service/base/hash.h"
#include "service/base/status_macros.h"
#include "service/control/api_error.h"
#include "service/control/audited_call.h"
#include "service/state/answer_retention.h"

namespace logexport {
namespace {

constexpr std::size_t kLongestRequestId = 128;

std::string HashOf(const google::protobuf::Message& request) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.SetSerializationDeterministic(true);
  request.SerializeToCodedStream(&coded);
  coded.Trim();
  return Sha256Hex(bytes);
}

// The value of a field that write requests have in common; empty or false where there is none.
std::string TextOf(const google::protobuf::Message& request, const char* name) {
  const google::protobuf::FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(name);
  return field == nullptr ? "" : request.GetReflection()->GetString(request, field);
}

bool FlagOf(const google::protobuf::Message& request, const char* name) {
  const google::protobuf::FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(name);
  return field != nullptr && request.GetReflection()->GetBool(request, field);
}

absl::Status Reused(absl::string_view request_id, absl::string_view how) {
  ApiError error;
  error.code = absl::StatusCode::kInvalidArgument;
  error.reason = "REQUEST_ID_REUSED";
  error.message = absl::StrCat("request_id \"", request_id, "\" was used ", how,
                               " within the last 24 hours; use a new one for each request");
  error.metadata["request_id"] = std::string(request_id);
  error.violations.push_back({"request_id", absl::StrCat("was used ", how)});
  return MakeApiError(error);
}

}  // namespace

absl::StatusOr<bool> IsAnswered(Transaction& tx, absl::Time now, absl::string_view request_id) {
  if (request_id.empty()) return false;
  ASSIGN_OR_RETURN(const std::optional<StoredAnswer> stored, tx.FindAnswer(request_id));
  // A minute less than answers are kept, so that this one still counts when the write comes.
  return stored.has_value() && stored->created >= now - (kAnswersKept - absl::Minutes(1));
}

std::string ExporterOr(absl::string_view named) {
  return named.empty() ? "default" : std::string(named);
}

absl::StatusOr<bool> WriteOnce(Store& store, absl::Time now, const Caller& caller,
                               const google::protobuf::Message& request,
                               google::protobuf::Message* response,
                               std::vector<AuditedChange>* changes,
                               absl::FunctionRef<absl::Status(Transaction&)> body) {
  if (FlagOf(request, "validate_only")) {
    RETURN_IF_ERROR(store.Read(body));
    return false;
  }
  const std::string request_id = TextOf(request, "request_id");
  if (request_id.size() > kLongestRequestId) {
    return InvalidFields(
        {{"request_id", absl::StrCat("is longer than ", kLongestRequestId, " characters")}});
  }
  const auto write = [&](Transaction& tx) -> absl::Status {
    RETURN_IF_ERROR(body(tx));
    return RecordDone(tx, now, caller, request, *changes);
  };
  if (request_id.empty()) {
    RETURN_IF_ERROR(store.Write(write));
    return true;
  }
  const std::string method(request.GetDescriptor()->full_name());
  const std::string hash = HashOf(request);
  // Only verified names are compared: the port in a peer's address changes from call to call.
  const std::string requester = caller.verified ? caller.name : "";
  bool ran = false;
  RETURN_IF_ERROR(store.Write([&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::optional<StoredAnswer> stored, tx.FindAnswer(request_id));
    if (stored.has_value() && stored->created >= now - kAnswersKept) {
      if (stored->method != method || stored->body_hash != hash) {
        return Reused(request_id, "for another request");
      }
      if (stored->requester != requester) return Reused(request_id, "by another caller");
      if (!response->ParseFromString(stored->answer)) {
        return absl::InternalError("a stored answer cannot be read");
      }
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(write(tx));
    ran = true;
    // This also makes room for this id if it was used long ago.
    RETURN_IF_ERROR(tx.PruneAnswers(now - kAnswersKept));
    return tx.SaveAnswer({request_id, method, requester, hash, response->SerializeAsString(), now});
  }));
  return ran;
}

}  // namespace logexport
