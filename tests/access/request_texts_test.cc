#include "service/access/request_texts.h"

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include "logexport/v1/service.pb.h"
#include "service/control/api_error.h"
#include "tests/support/status_matchers.h"

namespace logexport {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> FieldsRefused(const google::protobuf::Message& request) {
  std::vector<std::string> fields;
  const absl::Status status = CheckTexts(request);
  if (status.ok()) return fields;
  for (const ApiError::Violation& violation : ApiErrorOf(status).violations) {
    fields.push_back(violation.field);
  }
  return fields;
}

// Every request of the API: its own texts, one after the other.
TEST(RequestTextsTest, NoTextOfAnyRequestIsWithoutALimit) {
  const auto* const service = v1::RunNowRequest::descriptor()->file()->pool()->FindServiceByName(
      "logexport.v1.LogExportService");
  google::protobuf::DynamicMessageFactory factory;
  int texts = 0;
  for (int m = 0; m < service->method_count(); ++m) {
    const google::protobuf::Descriptor* const type = service->method(m)->input_type();
    for (int n = 0; n < type->field_count(); ++n) {
      const google::protobuf::FieldDescriptor* const field = type->field(n);
      if (field->cpp_type() != google::protobuf::FieldDescriptor::CPPTYPE_STRING) continue;
      ++texts;
      const std::unique_ptr<google::protobuf::Message> request(factory.GetPrototype(type)->New());
      const std::string text(1 << 20, 'x');
      if (field->is_repeated()) {
        request->GetReflection()->AddString(request.get(), field, text);
      } else {
        request->GetReflection()->SetString(request.get(), field, text);
      }
      EXPECT_THAT(FieldsRefused(*request), ElementsAre(field->name())) << type->full_name();
    }
  }
  EXPECT_GT(texts, 40);
}

TEST(RequestTextsTest, NamesTheFieldInsideAndBoundsLists) {
  v1::UpdateConfigRequest update;
  update.mutable_config()->mutable_auth0()->set_domain(std::string(4097, 'x'));
  update.mutable_config()->mutable_auth0()->set_client_secret(std::string(65536, 'x'));
  EXPECT_THAT(FieldsRefused(update), ElementsAre("config.auth0.domain"));
  v1::PurgeDeadLettersRequest purge;
  for (int n = 0; n < 10'001; ++n) purge.add_log_ids("x");
  EXPECT_THAT(FieldsRefused(purge), ElementsAre("log_ids"));
  purge.mutable_log_ids()->RemoveLast();
  EXPECT_THAT(CheckTexts(purge), IsOk());
}

}  // namespace
}  // namespace logexport
