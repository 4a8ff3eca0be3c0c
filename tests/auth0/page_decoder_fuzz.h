#ifndef LOGEXPORT_TESTS_AUTH0_PAGE_DECODER_FUZZ_H_
#define LOGEXPORT_TESTS_AUTH0_PAGE_DECODER_FUZZ_H_

#include "absl/strings/string_view.h"

namespace logexport {

// Decodes any bytes in all three ways and ends the process if an answer breaks the decoder's
// promises. For libFuzzer, and for the tests that replay what it found.
void FuzzPageDecoder(absl::string_view bytes);

}  // namespace logexport

#endif  // LOGEXPORT_TESTS_AUTH0_PAGE_DECODER_FUZZ_H_
