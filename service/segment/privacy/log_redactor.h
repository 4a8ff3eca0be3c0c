#ifndef LOGEXPORT_SERVICE_SEGMENT_PRIVACY_PRIVACY_RULES_H_
#define LOGEXPORT_SERVICE_SEGMENT_PRIVACY_PRIVACY_RULES_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

#include "service/base/hash.h"
#include "service/export/log.h"
#include "service/export/settings.h"
#include "service/json/json_slice_reader.h"
#include "service/json/json_tree.h"

namespace logexport {

// A log and its user's profile as they may leave.
struct RedactedLog {
  // The fields of the log, each key once. Arrays, objects and the profile have 64 spare bytes
  // behind their text.
  std::vector<JsonField> fields;
  std::string profile;  // empty if there was none
  // The tenant's host, free of covered values.
  std::string tenant;
  // Whether the log held lone surrogates, which are now U+FFFD.
  bool mended = false;
  // Whether there are hashes in it, so that it matters which key they were made with.
  bool hashed = false;
};

// Applies privacy rules to a log before anything is made of it.
//
// A rule names a path in the log ("details.request.ip"), or in the profile ("profile.email"), with
// `*` for any one key; it covers the value there and all below it. Arrays count as what they hold.
// Of several rules for a value the last one applies, and any rule goes before the preset.
//   DROP  removes the value with its key
//   MASK  replaces it by asterisks; of an object or array, each value in it
//   HASH  replaces it likewise by its HMAC-SHA-256 under the key, in hex; by asterisks if there is
//         no key, or if it is true or false
//
// A covered value does not leave by another way either: it is looked for in all other text of the
// log and the profile, keys included (see CoveredValues), and replaced there. Keys that are Auth0's
// whatever happens (of a log's fields, and in objects such as location_info) stay as they are.
// Truth values, null, and numbers of less than five digits are everybody's and not looked for. Of
// what is covered only as part of an object or array, values of less than four bytes are not looked
// for either, nor such that a field of the log holds that is free to leave: dropping `details` does
// not drop the client id that is also in it.
//
// The preset also hashes user ids and e-mail addresses, and masks tokens, that no key tells but
// their shape (value_shapes.h).
//
// With an allow-list everything that no path of it leads to is removed, and values removed that are
// personal by their key are looked for in what is left.
//
// What is nested too deep to be looked into (kMaxJsonDepth) is removed.
//
// Exempt from all this are a log's type, its date, and its id: without them there is no event.
// A user or client id that a covered value is part of becomes a hash as a whole, or is removed if
// there is no key: masked in part, it would stand for several users.
//
// One thread at a time.
class LogRedactor {
 public:
  explicit LogRedactor(PrivacySettings settings)
      : settings_(std::move(settings)), hmac_(settings_.hash_key) {}

  // Whether the settings ask for anything.
  static bool IsNeeded(const PrivacySettings& settings) {
    return settings.standard_preset || !settings.rules.empty() || !settings.allow_only.empty();
  }

  // Null if the log is no sound JSON object, or holds too many values to be looked through
  // (kMaxJsonNodes); a profile like that is left out. What is returned stays as it is until the
  // next call.
  const RedactedLog* Redact(const Log& log, absl::string_view profile, absl::string_view tenant);

 private:
  // Makes the fields of what the tree holds.
  void TakeFields(std::size_t usual_size);

  const PrivacySettings settings_;
  HmacSha256 hmac_;
  // Kept from log to log for their memory.
  JsonTree log_tree_;
  JsonTree profile_tree_;
  RedactedLog redacted_;
  std::string containers_;  // the text of arrays and objects
};

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_PRIVACY_PRIVACY_RULES_H_
