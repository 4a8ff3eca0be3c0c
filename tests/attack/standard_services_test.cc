// Health and reflection, which everybody may call, and the signals of a terminal.
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include "grpc/health/v1/health.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "tests/attack/attacked_service.h"

namespace logexport {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class StandardServicesTest : public ::testing::Test {
 protected:
  grpc::reflection::v1alpha::ServerReflectionResponse Ask(
      const grpc::reflection::v1alpha::ServerReflectionRequest& question) {
    grpc::ClientContext context;
    const auto stub = grpc::reflection::v1alpha::ServerReflection::NewStub(channel_);
    const auto stream = stub->ServerReflectionInfo(&context);
    grpc::reflection::v1alpha::ServerReflectionResponse answer;
    EXPECT_TRUE(stream->Write(question));
    EXPECT_TRUE(stream->WritesDone());
    EXPECT_TRUE(stream->Read(&answer));
    EXPECT_TRUE(stream->Finish().ok());
    return answer;
  }
  grpc::Status Check(const std::string& service, grpc::health::v1::HealthCheckResponse* response) {
    grpc::ClientContext context;
    grpc::health::v1::HealthCheckRequest request;
    request.set_service(service);
    return grpc::health::v1::Health::NewStub(channel_)->Check(&context, request, response);
  }

  AttackedService service_;
  const std::shared_ptr<grpc::Channel> channel_ =
      grpc::CreateChannel(service_.address(), grpc::InsecureChannelCredentials());
};

TEST_F(StandardServicesTest, HealthCanBeCalledByReflection) {
  grpc::reflection::v1alpha::ServerReflectionRequest list;
  list.set_list_services("");
  std::vector<std::string> names;
  // Answers are named: a loop does not keep what its range is a part of.
  const auto listed = Ask(list);
  for (const auto& service : listed.list_services_response().service()) {
    names.push_back(service.name());
  }
  EXPECT_THAT(names, UnorderedElementsAre("logexport.v1.LogExportService", "grpc.health.v1.Health",
                                          "grpc.reflection.v1alpha.ServerReflection"));
  for (const std::string& name : names) {
    grpc::reflection::v1alpha::ServerReflectionRequest question;
    question.set_file_containing_symbol(name);
    std::vector<std::string> declared;
    const auto answer = Ask(question);
    for (const std::string& bytes : answer.file_descriptor_response().file_descriptor_proto()) {
      google::protobuf::FileDescriptorProto file;
      EXPECT_TRUE(file.ParseFromString(bytes));
      for (const auto& service : file.service()) {
        declared.push_back(file.package() + "." + service.name());
      }
    }
    EXPECT_THAT(declared, Contains(name));
  }
}

TEST_F(StandardServicesTest, HealthTellsWhatIsServed) {
  for (const char* name : {"", "logexport.v1.LogExportService"}) {
    grpc::health::v1::HealthCheckResponse response;
    EXPECT_TRUE(Check(name, &response).ok()) << name;
    EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING) << name;
  }
  grpc::health::v1::HealthCheckResponse response;
  EXPECT_EQ(Check("somebody.else", &response).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(StandardServicesTest, AWatchOfHealthIsToldOnceAndEndsWithItsClient) {
  grpc::ClientContext context;
  const auto reader = grpc::health::v1::Health::NewStub(channel_)->Watch(&context, {});
  grpc::health::v1::HealthCheckResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), grpc::health::v1::HealthCheckResponse::SERVING);
  context.TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_F(StandardServicesTest, ATerminalThatClosesDrainsTheService) {
  Subprocess& process = service_.installation().service().process();
  process.Signal(SIGHUP);
  EXPECT_EQ(process.Wait(absl::Seconds(20)), 0);
  EXPECT_THAT(process.ErrorOutput(), HasSubstr("service stopped"));
  // Whoever meant that settings are read again is told how they are.
  EXPECT_THAT(process.ErrorOutput(), HasSubstr("SIGHUP ends the service"));
}

}  // namespace
}  // namespace logexport
