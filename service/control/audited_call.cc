#include "service/control/audited_call.h"

#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "service/base/utf8.h"

namespace logexport {
namespace {

constexpr std::size_t kLongestAuditedValue = 500;
constexpr std::size_t kMostChanges = 100;
constexpr std::size_t kLongestName = 256;

std::string RequestText(const google::protobuf::Message& request, const char* name) {
  const google::protobuf::FieldDescriptor* field = request.GetDescriptor()->FindFieldByName(name);
  const bool text = field != nullptr && !field->is_repeated() &&
                    field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING;
  return text ? request.GetReflection()->GetString(request, field) : "";
}

std::string ShortenedText(absl::string_view text, std::size_t longest) {
  if (text.size() <= longest) return std::string(text);
  return absl::StrCat(TruncateUtf8(text, longest), "…");
}

std::vector<AuditedChange> Bounded(std::vector<AuditedChange> changes) {
  const std::size_t all = changes.size();
  if (all > kMostChanges) {
    changes.resize(kMostChanges);
    changes.push_back({"further changes", "", absl::StrCat(all - kMostChanges)});
  }
  for (AuditedChange& change : changes) {
    change.before = ShortenedText(change.before, kLongestAuditedValue);
    change.after = ShortenedText(change.after, kLongestAuditedValue);
  }
  return changes;
}

}  // namespace

AuditedCall AuditedCallOf(const google::protobuf::Message& request) {
  AuditedCall call;
  call.method = std::string(absl::StripSuffix(request.GetDescriptor()->name(), "Request"));
  call.exporter = RequestText(request, "exporter");
  const bool has_exporter = request.GetDescriptor()->FindFieldByName("exporter") != nullptr;
  if (has_exporter && call.exporter.empty()) call.exporter = "default";
  call.request_id = RequestText(request, "request_id");
  call.reason = RequestText(request, "reason");
  return call;
}

AuditEntry EntryOf(const Caller& caller, const AuditedCall& call, absl::Time now) {
  AuditEntry entry;
  entry.time = now;
  entry.caller = ShortenedText(caller.name, kLongestName);
  entry.verified = caller.verified;
  entry.role = caller.role;
  entry.address = ShortenedText(caller.address, kLongestName);
  entry.way = caller.way;
  entry.call_id = caller.call_id;
  entry.method = call.method;
  entry.exporter = ShortenedText(call.exporter, kLongestName);
  entry.request_id = ShortenedText(call.request_id, kLongestName);
  entry.reason = call.reason;
  return entry;
}

absl::Status RecordDone(Transaction& tx, absl::Time now, const Caller& caller,
                        const google::protobuf::Message& request,
                        std::vector<AuditedChange> changes) {
  return RecordDone(tx, now, caller, AuditedCallOf(request), std::move(changes));
}

absl::Status RecordDone(Transaction& tx, absl::Time now, const Caller& caller,
                        const AuditedCall& call, std::vector<AuditedChange> changes) {
  AuditEntry entry = EntryOf(caller, call, now);
  entry.changes = Bounded(std::move(changes));
  return tx.AddAudit(entry).status();
}

absl::Status RecordShown(Store& store, absl::Time now, const Caller& caller,
                         const google::protobuf::Message& request,
                         std::vector<AuditedChange> changes) {
  return store.Write(
      [&](Transaction& tx) { return RecordDone(tx, now, caller, request, std::move(changes)); });
}

}  // namespace logexport
