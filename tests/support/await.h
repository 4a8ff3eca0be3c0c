#ifndef LOGEXPORT_TESTS_SUPPORT_AWAIT_H_
#define LOGEXPORT_TESTS_SUPPORT_AWAIT_H_

#include "absl/functional/function_ref.h"

namespace logexport {

// Asks `done` again and again until it answers true. The pauses between are short, so that the
// process which is waited for gets the CPU. Fails the test and answers false after a minute of real
// time.
//
// For what only asking can tell, such as the state of another process. Threads of one process wait
// for each other with a Gate.
bool Await(absl::FunctionRef<bool()> done);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_SUPPORT_AWAIT_H_
