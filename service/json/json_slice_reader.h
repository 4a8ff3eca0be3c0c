#ifndef LOGEXPORT_SERVICE_JSON_JSON_SLICE_READER_H_
#define LOGEXPORT_SERVICE_JSON_JSON_SLICE_READER_H_

#include <memory>
#include <vector>

#include "absl/strings/string_view.h"

#include "service/json/json_text.h"

namespace logexport {

struct JsonField {
  absl::string_view key;  // unescaped
  JsonSlice value;
};

// Reads one level of a JSON document into slices of its text, without building a tree, and checks
// that what it hands out is sound JSON. One thread at a time; its buffers are kept between calls.
class JsonReader {
 public:
  enum class Outcome { kRead, kOtherKind, kBroken };

  JsonReader();
  ~JsonReader();
  JsonReader(const JsonReader&) = delete;
  JsonReader& operator=(const JsonReader&) = delete;

  // The members of the object `json`, in order, keys that repeat included. `json` must be followed
  // by 64 readable bytes. The value of `unchecked_key` is handed out as it is, whatever is in it.
  // Slices point into `json`, or into this reader until its next call.
  Outcome ReadObject(absl::string_view json, std::vector<JsonField>* fields,
                     absl::string_view unchecked_key = {});

  // The elements of the array `json`, in the same manner; keys are empty.
  Outcome ReadArray(absl::string_view json, std::vector<JsonField>* elements);

  // Whether the last call replaced lone surrogates (\ud800 … \udfff outside a pair) by U+FFFD.
  bool mended() const;

  // To read into, for whoever needs the result only until the next time: keeps its memory.
  std::vector<JsonField>& scratch() { return scratch_; }

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
  std::vector<JsonField> scratch_;
};

// Of fields with the same key only the last remains, as a JSON parser would have it.
void KeepLastOfEachKey(std::vector<JsonField>* fields);

}  // namespace logexport

#endif  // LOGEXPORT_SERVICE_JSON_JSON_SLICE_READER_H_
