#include "service/runs/wait_log.h"

#include "service/base/logging.h"

namespace logexport {

void WaitLog::AttemptFailed(const RunWait& wait) {
  LogWarning("an attempt failed and is repeated",
             {{"exporter", exporter_},
              {"run", run_id_},
              {"origin", OriginName(wait.target)},
              {"reason", wait.last_error.has_value() ? wait.last_error->reason : ""},
              {"error", wait.last_error.has_value() ? wait.last_error->message : ""},
              {"next_attempt", wait.next_attempt}});
}

void WaitLog::LimitLasts(const RunWait& wait) {
  LogWarning("a rate limit makes the run wait for long", {{"exporter", exporter_},
                                                          {"run", run_id_},
                                                          {"origin", OriginName(wait.target)},
                                                          {"since", wait.since},
                                                          {"failed_attempts", wait.failed_attempts},
                                                          {"next_attempt", wait.next_attempt}});
}

void WaitLog::Recovered(const RunWait& wait) {
  LogInfo("attempts succeed again", {{"exporter", exporter_},
                                     {"run", run_id_},
                                     {"origin", OriginName(wait.target)},
                                     {"since", wait.since},
                                     {"failed_attempts", wait.failed_attempts}});
}

}  // namespace logexport
