#ifndef LOGEXPORT_SERVICE_JSON_MISPLACED_KEY_H_
#define LOGEXPORT_SERVICE_JSON_MISPLACED_KEY_H_

#include <string_view>

namespace logexport {

// Whether a value of simdjson's On-Demand is a string with a colon behind it: a key in the place of
// a value, {"a":"b":1}. When such a value is left where it is, simdjson passes over it as if it
// were a key, loses count of the brackets, and takes what stands behind them for part of the same
// object. `raw_token` is the value's raw_json_token(), which reaches to the next token.
inline bool IsMisplacedKey(std::string_view raw_token) {
  return raw_token.front() == '"' && raw_token.data()[raw_token.size()] == ':';
}

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_JSON_MISPLACED_KEY_H_
