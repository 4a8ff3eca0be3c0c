#include "service/api/reflection_service.h"

#include <cstddef>
#include <set>

#include "absl/time/time.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>

namespace logexport {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::FileDescriptor;
using grpc::reflection::v1alpha::ServerReflectionResponse;

// How long a client may ask questions over one stream.
constexpr absl::Duration kLongest = absl::Minutes(1);

constexpr std::size_t kLargestQuestion = 4096;

// Adds a file and all that it imports, each once.
void AddWithImports(const FileDescriptor* file, std::set<const FileDescriptor*>* added,
                    grpc::reflection::v1alpha::FileDescriptorResponse* response) {
  if (!added->insert(file).second) return;
  google::protobuf::FileDescriptorProto proto;
  file->CopyTo(&proto);
  response->add_file_descriptor_proto(proto.SerializeAsString());
  for (int n = 0; n < file->dependency_count(); ++n) {
    AddWithImports(file->dependency(n), added, response);
  }
}

void AnswerFile(const FileDescriptor* file, ServerReflectionResponse* response) {
  if (file == nullptr) {
    response->mutable_error_response()->set_error_code(grpc::StatusCode::NOT_FOUND);
    response->mutable_error_response()->set_error_message("there is nothing of this name here");
    return;
  }
  std::set<const FileDescriptor*> added;
  AddWithImports(file, &added, response->mutable_file_descriptor_response());
}

}  // namespace

ReflectionService::Response ReflectionService::Answer(const Request& request) const {
  const DescriptorPool* const pool = DescriptorPool::generated_pool();
  Response response;
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  switch (request.message_request_case()) {
    case Request::kListServices:
      for (const std::string& name : services_) {
        response.mutable_list_services_response()->add_service()->set_name(name);
      }
      break;
    case Request::kFileByFilename:
      AnswerFile(pool->FindFileByName(request.file_by_filename()), &response);
      break;
    case Request::kFileContainingSymbol:
      AnswerFile(pool->FindFileContainingSymbol(request.file_containing_symbol()), &response);
      break;
    case Request::kFileContainingExtension: {
      const auto& asked = request.file_containing_extension();
      const Descriptor* const type = pool->FindMessageTypeByName(asked.containing_type());
      const FieldDescriptor* const extension =
          type == nullptr ? nullptr : pool->FindExtensionByNumber(type, asked.extension_number());
      AnswerFile(extension == nullptr ? nullptr : extension->file(), &response);
      break;
    }
    case Request::kAllExtensionNumbersOfType: {
      const Descriptor* const type =
          pool->FindMessageTypeByName(request.all_extension_numbers_of_type());
      if (type == nullptr) {
        AnswerFile(nullptr, &response);
        break;
      }
      std::vector<const FieldDescriptor*> extensions;
      pool->FindAllExtensions(type, &extensions);
      auto* const numbers = response.mutable_all_extension_numbers_response();
      numbers->set_base_type_name(type->full_name());
      for (const FieldDescriptor* extension : extensions) {
        numbers->add_extension_number(extension->number());
      }
      break;
    }
    case Request::MESSAGE_REQUEST_NOT_SET:
      response.mutable_error_response()->set_error_code(grpc::StatusCode::INVALID_ARGUMENT);
      response.mutable_error_response()->set_error_message("the request asks for nothing");
  }
  return response;
}

grpc::Status ReflectionService::ServerReflectionInfo(
    grpc::ServerContext* context, grpc::ServerReaderWriter<Response, Request>* stream) {
  const StrangerCalls::Place place(calls_, *context);
  if (!place.status().ok()) return place.status();
  const StallGuard::Scope longest(calls_.guard(), *context, kLongest);
  for (;;) {
    Request request;
    if (!stream->Read(&request)) return grpc::Status::OK;
    if (request.ByteSizeLong() > kLargestQuestion) {
      return {grpc::StatusCode::INVALID_ARGUMENT, "the request is too large"};
    }
    const StallGuard::Scope limit(calls_.guard(), *context, StrangerCalls::kStall);
    if (!stream->Write(Answer(request))) return grpc::Status::OK;
  }
}

}  // namespace logexport
