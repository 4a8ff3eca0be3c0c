#ifndef LOGEXPORT_TESTS_ATTACK_STATE_EDITS_H_
#define LOGEXPORT_TESTS_ATTACK_STATE_EDITS_H_

#include <string>
#include <vector>

namespace logexport {

// What somebody who can write the state file does to it, past the service. Errors fail the test.
void EditState(const std::string& path, const std::string& sql);

// The first column of all rows that the query answers.
std::vector<std::string> ReadState(const std::string& path, const std::string& sql);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_ATTACK_STATE_EDITS_H_
