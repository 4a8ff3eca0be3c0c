#include "client/cli/api_conventions.h"

#include "logexport/v1/options.pb.h"
#include "logexport/v1/status.pb.h"

namespace logexport::cli {

namespace pb = google::protobuf;

const pb::FieldDescriptor* ListField(const pb::Descriptor* answer) {
  const pb::FieldDescriptor* list = nullptr;
  for (int i = 0; i < answer->field_count(); ++i) {
    const auto* field = answer->field(i);
    if (!field->is_repeated() || field->is_map() ||
        field->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    }
    if (list != nullptr) return nullptr;  // which of them it is about cannot be told
    list = field;
  }
  const bool paged = answer->FindFieldByName("next_page_token") != nullptr;
  return paged || answer->field_count() == 1 ? list : nullptr;
}

Paging PagingOf(const pb::MethodDescriptor* method) {
  Paging paging;
  paging.page_size = method->input_type()->FindFieldByName("page_size");
  paging.page_token = method->input_type()->FindFieldByName("page_token");
  paging.next_page_token = method->output_type()->FindFieldByName("next_page_token");
  const pb::FieldDescriptor* items = ListField(method->output_type());
  const bool complete = paging.page_size != nullptr && paging.page_token != nullptr &&
                        paging.next_page_token != nullptr && items != nullptr &&
                        !method->server_streaming() &&
                        paging.page_size->cpp_type() == pb::FieldDescriptor::CPPTYPE_INT32 &&
                        paging.page_token->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING &&
                        paging.next_page_token->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING;
  if (!complete) return {};
  paging.items = items;
  return paging;
}

const pb::FieldDescriptor* UpdateMaskField(const pb::Descriptor* request) {
  for (int i = 0; i < request->field_count(); ++i) {
    const auto* field = request->field(i);
    if (!field->is_repeated() && field->message_type() != nullptr &&
        field->message_type()->full_name() == "google.protobuf.FieldMask") {
      return field;
    }
  }
  return nullptr;
}

const pb::FieldDescriptor* ResourceField(const pb::Descriptor* request) {
  for (int i = 0; i < request->field_count(); ++i) {
    if (request->field(i)->options().GetExtension(v1::flatten)) return request->field(i);
  }
  return nullptr;
}

bool DidSucceed(const pb::Message& answer) {
  const pb::Descriptor* type = answer.GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    const auto* field = type->field(i);
    if (field->options().GetExtension(v1::success) && !field->is_repeated() &&
        field->cpp_type() == pb::FieldDescriptor::CPPTYPE_BOOL &&
        !answer.GetReflection()->GetBool(answer, field)) {
      return false;
    }
  }
  return true;
}

std::string ReadyLine(const pb::Message& item) {
  const auto* field = item.GetDescriptor()->FindFieldByName("ocsf_json");
  const bool text = field != nullptr && !field->is_repeated() &&
                    field->cpp_type() == pb::FieldDescriptor::CPPTYPE_STRING;
  return text ? item.GetReflection()->GetString(item, field) : "";
}

const pb::FieldDescriptor* VerdictField(const pb::Descriptor* answer) {
  const auto* field = answer->FindFieldByName("verdict");
  return field != nullptr && !field->is_repeated() && field->message_type() != nullptr &&
                 field->message_type()->full_name() == v1::Verdict::descriptor()->full_name()
             ? field
             : nullptr;
}

}  // namespace logexport::cli
