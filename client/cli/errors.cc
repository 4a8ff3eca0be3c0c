#include "client/cli/errors.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include <google/protobuf/struct.pb.h>

#include "client/cli/api_words.h"
#include "client/cli/field_flags.h"
#include "client/cli/render_json.h"
#include "client/cli/text_table.h"
#include "client/cli/time_input.h"
#include "logexport/error_details.h"

namespace logexport::cli {
namespace {

namespace pb = google::protobuf;

// --segment.write-key for config.segment.write_key; a path without a flag stays as it is.
std::string FlagOrPath(const std::string& path, const Invocation& invocation) {
  const Flag* flag = FindFlagByPath(invocation.flags, path);
  if (flag == nullptr) return path;
  // Which element of a list it is still has to be said.
  const auto bracket = path.find('[');
  const std::string rest = bracket == std::string::npos ? "" : path.substr(bracket);
  return absl::StrCat("--", flag->name, rest);
}

std::string RequestId(const pb::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  if (field == nullptr || field->is_repeated() ||
      field->cpp_type() != pb::FieldDescriptor::CPPTYPE_STRING) {
    return "";
  }
  return request.GetReflection()->GetString(request, field);
}

bool OutcomeUnknown(const grpc::Status& status) {
  return status.error_code() == grpc::StatusCode::UNAVAILABLE ||
         status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED ||
         status.error_code() == grpc::StatusCode::UNKNOWN;
}

// What TLS libraries say, in words of the command line; empty for anything else.
std::string TlsHint(const std::string& message) {
  const std::string lower = absl::AsciiStrToLower(message);
  const auto says = [&lower](absl::string_view words) { return absl::StrContains(lower, words); };
  if (says("certificate verify failed") || says("certificate_verify_failed")) {
    return "The certificate of the service is not trusted: name the authority that issued it with "
           "--tls-ca, and check that it has not expired.";
  }
  if (says("is not in peer certificate") || says("hostname verification")) {
    return "The certificate of the service is for another name: put the name it is for in "
           "--server.";
  }
  if (says("certificate required") || says("peer did not return a certificate") ||
      says("alert bad certificate")) {
    return "The service asks for a client certificate: --tls-cert and --tls-key name it.";
  }
  return "";
}

pb::Value Text(const std::string& text) {
  pb::Value value;
  value.set_string_value(text);
  return value;
}

}  // namespace

std::string StatusCodeName(grpc::StatusCode code) {
  const absl::Status status(static_cast<absl::StatusCode>(code), "");
  return status.ok() ? "OK" : absl::StatusCodeToString(status.code());
}

std::string DescribeFailure(const grpc::Status& status, const Invocation& invocation,
                            const pb::Message& request, absl::string_view program,
                            absl::string_view advice) {
  const client::ErrorDetails details = client::DetailsOf(status);
  const auto shown = [&invocation](const std::string& said) {
    return InCommandWords(Printable(said), *invocation.command->method->service(),
                          invocation.flags);
  };
  std::string text = absl::StrCat(
      program, ": ", shown(status.error_message()), " [", StatusCodeName(status.error_code()),
      details.reason.empty() ? "" : ", ", Printable(details.reason), "]\n");
  for (const auto& violation : details.field_violations) {
    absl::StrAppend(&text, "  ", FlagOrPath(violation.field, invocation), ": ",
                    shown(violation.description), "\n");
  }
  for (const auto& violation : details.preconditions) {
    if (violation.description == status.error_message()) continue;  // said already
    absl::StrAppend(&text, "  ", Printable(violation.type), ": ", shown(violation.description),
                    "\n");
  }
  for (const auto& violation : details.quotas) {
    absl::StrAppend(&text, "  ", Printable(violation.subject), ": ", shown(violation.description),
                    "\n");
  }
  if (!details.metadata.empty()) {
    absl::StrAppend(&text, "  ",
                    Printable(absl::StrJoin(details.metadata, ", ", absl::PairFormatter(" "))),
                    "\n");
  }
  if (details.retry_delay.has_value()) {
    absl::StrAppend(&text, "Try again in ", FormatRoughDuration(*details.retry_delay), ".\n");
  }
  for (const auto& link : details.help) {
    absl::StrAppend(&text, "See ", Printable(link.url), " (", Printable(link.description), ").\n");
  }
  if (!details.request_id.empty()) {
    absl::StrAppend(&text, "The service's log has more under ", Printable(details.request_id),
                    ".\n");
  }
  if (status.error_code() == grpc::StatusCode::UNAVAILABLE && details.reason.empty()) {
    const std::string hint = TlsHint(status.error_message());
    if (!hint.empty()) {
      absl::StrAppend(&text, hint, "\n");
    } else if (!advice.empty()) {
      absl::StrAppend(&text, advice, " --server or LOGEXPORT_SERVER names another one.\n");
    } else {
      absl::StrAppend(&text, "Is the service running at ", invocation.options.connection.server,
                      "? --server or LOGEXPORT_SERVER names another one.\n");
    }
  }
  if (status.error_code() == grpc::StatusCode::UNAUTHENTICATED) {
    absl::StrAppend(&text,
                    "--token-file names the file with the token to send, --tls-cert and --tls-key "
                    "the certificate to show.\n");
  }
  const std::string request_id = RequestId(request);
  if (invocation.command->writes && OutcomeUnknown(status) && !request_id.empty()) {
    absl::StrAppend(&text, "It may have been carried out. The same command with --request-id ",
                    request_id, " does it at most once.\n");
  }
  return text;
}

std::string FailureAsJson(const grpc::Status& status, const Invocation& invocation) {
  const client::ErrorDetails details = client::DetailsOf(status);
  pb::Struct document;
  auto& error = *(*document.mutable_fields())["error"].mutable_struct_value()->mutable_fields();
  error["code"] = Text(StatusCodeName(status.error_code()));
  error["message"] = Text(status.error_message());
  if (!details.reason.empty()) error["reason"] = Text(details.reason);
  for (const auto& [key, value] : details.metadata) {
    (*error["metadata"].mutable_struct_value()->mutable_fields())[key] = Text(value);
  }
  for (const auto& violation : details.field_violations) {
    auto& entry = *error["violations"].mutable_list_value()->add_values()->mutable_struct_value();
    (*entry.mutable_fields())["field"] = Text(violation.field);
    (*entry.mutable_fields())["flag"] = Text(FlagOrPath(violation.field, invocation));
    (*entry.mutable_fields())["description"] = Text(violation.description);
  }
  for (const auto& violation : details.preconditions) {
    auto& entry =
        *error["preconditions"].mutable_list_value()->add_values()->mutable_struct_value();
    (*entry.mutable_fields())["type"] = Text(violation.type);
    (*entry.mutable_fields())["description"] = Text(violation.description);
  }
  if (details.retry_delay.has_value()) {
    error["retryDelay"] = Text(absl::StrCat(absl::ToDoubleSeconds(*details.retry_delay), "s"));
  }
  return ToJson(document, JsonStyle::kPretty);
}

}  // namespace logexport::cli
