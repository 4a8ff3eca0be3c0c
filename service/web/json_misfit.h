#ifndef LOGEXPORT_SERVICE_WEB_JSON_MISFIT_H_
#define LOGEXPORT_SERVICE_WEB_JSON_MISFIT_H_

#include <string>

#include <google/protobuf/descriptor.h>

#include "service/json/json_value.h"

namespace logexport {

// Where a JSON document is not a message, in words for whoever wrote it.
struct JsonMisfit {
  std::string field;  // as in the request: "config.schedule.cron"; empty for the document itself
  std::string what;
};

// The first place where `json`, which has been refused as a message of this type, does not fit it.
// Says nothing of values, which may be secrets.
JsonMisfit FindMisfit(const JsonValue& json, const google::protobuf::Descriptor& type);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_WEB_JSON_MISFIT_H_
