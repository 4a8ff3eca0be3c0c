// What every payload for Slack has to be, and how it is compared with a golden file.
#ifndef LOGEXPORT_TESTS_SLACK_PAYLOAD_CHECK_H_
#define LOGEXPORT_TESTS_SLACK_PAYLOAD_CHECK_H_

#include <string>

#include "absl/strings/string_view.h"

namespace logexport {

// Fails the test unless `payload` is JSON, keeps Slack's limits (text 4,000; 50 blocks; header 150;
// section 3,000; 10 fields of 2,000; texts never empty), and lets no `<`, `>` or unescaped `&`
// through, which could become a mention or a link.
void CheckPayload(absl::string_view payload);

// CheckPayload, and fails the test unless `payload`, indented, equals tests/slack/golden/NAME.json.
// With LOGEXPORT_UPDATE_GOLDEN=1 in the environment it writes the file and fails, so that a changed
// file is looked at and no test run updates by accident.
void ExpectGolden(absl::string_view payload, const std::string& name);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SLACK_PAYLOAD_CHECK_H_
