#ifndef LOGEXPORT_TESTS_API_RPC_ROWS_H_
#define LOGEXPORT_TESTS_API_RPC_ROWS_H_

#include <string>
#include <vector>

#include <grpcpp/support/status.h>

namespace logexport {

// What an answer shows, apart from the cut-off and cancelled calls that every RPC is put through.
enum class Shows { kSuccess, kViolation, kNotFound, kConflict, kRefused };

// What was there before the call: a finished run, three versions of the configuration, two dead
// letters; and with kRunning a run that cannot get on.
enum class Scene { kIdle, kRunning };

// A call and its answer.
struct Row {
  const char* method;
  Shows shows;
  const char* request;  // in text format; $RUN, $LOG and $CONFIG stand for what the scene has
  grpc::StatusCode code = grpc::StatusCode::OK;
  const char* reason = "";
  std::vector<std::string> fields = {};  // of the violations
  Scene scene = Scene::kIdle;
};
// Every RPC with everything it can answer.
const std::vector<Row>& Table();

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_API_RPC_ROWS_H_
