#ifndef LOGEXPORT_CLIENT_CLI_API_CONVENTIONS_H_
#define LOGEXPORT_CLIENT_CLI_API_CONVENTIONS_H_

#include <string>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

namespace logexport::cli {

// The names and shapes by which requests and answers of the API can be told apart, so that a new
// RPC gets pages, masks and tables without code. They are written down in service.proto.

// The list that an answer is about: its only repeated message, if the answer is a page of it or
// holds nothing else. Null for other answers.
const google::protobuf::FieldDescriptor* ListField(const google::protobuf::Descriptor* answer);

// The fields by which a paged RPC is paged. All null if it is not.
struct Paging {
  const google::protobuf::FieldDescriptor* page_size = nullptr;        // of the request
  const google::protobuf::FieldDescriptor* page_token = nullptr;       // of the request
  const google::protobuf::FieldDescriptor* next_page_token = nullptr;  // of the response
  const google::protobuf::FieldDescriptor* items = nullptr;            // of the response
  explicit operator bool() const { return items != nullptr; }
};
Paging PagingOf(const google::protobuf::MethodDescriptor* method);

// The field of the request that holds the update mask; null if the request has none.
const google::protobuf::FieldDescriptor* UpdateMaskField(
    const google::protobuf::Descriptor* request);

// The verdict of an answer: a field `verdict` that holds a logexport.v1.Verdict. Null if there is
// none.
const google::protobuf::FieldDescriptor* VerdictField(const google::protobuf::Descriptor* answer);

// The message that the update mask is about, marked `flatten`; null if the request has none.
const google::protobuf::FieldDescriptor* ResourceField(const google::protobuf::Descriptor* request);

// A line of JSON that the item brings along, in a format that other programs read: the value of its
// field `ocsf_json`. Empty for others, and where it was not asked for.
std::string ReadyLine(const google::protobuf::Message& item);

// False if a field of the answer that is marked `success` says that the call did not do what it is
// for.
bool DidSucceed(const google::protobuf::Message& answer);

}  // namespace logexport::cli

#endif  // LOGEXPORT_CLIENT_CLI_API_CONVENTIONS_H_
