#ifndef LOGEXPORT_SERVICE_CONTROL_AUDITED_CALL_H_
#define LOGEXPORT_SERVICE_CONTROL_AUDITED_CALL_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"

#include "service/control/caller.h"
#include "service/state/store.h"

namespace google::protobuf {
class Message;
}

namespace logexport {

// How the audit names the two ways into and out of the console, which are no RPCs.
inline constexpr char kLoginMethod[] = "Login";
inline constexpr char kLogoutMethod[] = "Logout";

// What the audit tells of a call besides who made it.
struct AuditedCall {
  std::string method;  // "UpdateConfig"
  std::string exporter;
  std::string request_id;
  std::string reason;
};

// As the request says. Its type names the method; an empty exporter is `default` where the request
// has one.
AuditedCall AuditedCallOf(const google::protobuf::Message& request);

// The entry for it: who, from where, what, DONE.
AuditEntry EntryOf(const Caller& caller, const AuditedCall& call, absl::Time now);

// Records that a call was carried out, in the transaction that carries it out. Long values of
// `changes` are shortened, and of very many changes the first ones are kept.
absl::Status RecordDone(Transaction& tx, absl::Time now, const Caller& caller,
                        const google::protobuf::Message& request,
                        std::vector<AuditedChange> changes);

// The same for what has no request.
absl::Status RecordDone(Transaction& tx, absl::Time now, const Caller& caller,
                        const AuditedCall& call, std::vector<AuditedChange> changes);

// The same in a transaction of its own: for calls that show something, before they show it. Without
// the entry there is no answer.
absl::Status RecordShown(Store& store, absl::Time now, const Caller& caller,
                         const google::protobuf::Message& request,
                         std::vector<AuditedChange> changes);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_CONTROL_AUDITED_CALL_H_
