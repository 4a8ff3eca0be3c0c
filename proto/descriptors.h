#ifndef LOGEXPORT_PROTO_DESCRIPTORS_H_
#define LOGEXPORT_PROTO_DESCRIPTORS_H_

#include "absl/strings/string_view.h"

namespace logexport {

// The API as a serialised google.protobuf.FileDescriptorSet: every file of proto/ and everything
// those import, in an order in which each file comes after its imports. Unlike the descriptors in
// generated code it holds the comments, which are the text of the command-line help.
// The bytes live as long as the program.
absl::string_view DescriptorSetBytes();

}  // namespace logexport

#endif  // LOGEXPORT_PROTO_DESCRIPTORS_H_
