#ifndef LOGEXPORT_SERVICE_SEGMENT_TRAITS_H_
#define LOGEXPORT_SERVICE_SEGMENT_TRAITS_H_

#include <string>

#include "absl/strings/string_view.h"

#include "service/json/json_slice_reader.h"
#include "service/segment/log_fields.h"

namespace logexport {

// Appends what an Auth0 user profile says about the user as members of a `traits` object, without
// braces, under the names that Segment reserves for it (given_name → firstName, picture → avatar,
// phone_number → phone, created_at → createdAt …; Segment spec: Identify). A value that does not
// have the type of the reserved trait it would become goes under `auth0_` and its name; nulls,
// empty reserved traits and the user id are left out. Where two fields would become the same trait
// (phone_number beside phone) the renamed one gets a number (phone_2). Appends nothing for a
// profile that is no sound JSON object. `profile` must be followed by 64 readable bytes.
void AppendProfileTraits(absl::string_view profile, JsonReader& reader, std::string* out);

// The little that a log itself tells of its user: `user_name` as email or username.
void AppendLogTraits(const LogFields& fields, std::string* out);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_SEGMENT_TRAITS_H_
