// Over HTTP every RPC answers what it answers over gRPC: to everybody, whatever he may do.
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <gtest/gtest.h>

#include "logexport/v1/service.pb.h"
#include "service/base/hash.h"
#include "tests/api/http_call.h"
#include "tests/api/rpc_rows.h"
#include "tests/support/await.h"

namespace logexport {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using grpc::StatusCode;

const google::protobuf::ServiceDescriptor& Service() {
  return *google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
      "logexport.v1.LogExportService");
}

// Takes out of a message what is another at each call: what depends on the present moment, and the
// secrets of logins.
void ClearMoments(Message& message) {
  static const auto* const names = new std::set<std::string>{
      "service_time",   "lag",      "since",   "expire_time", "url",    "token", "until",
      "next_run_times", "duration", "elapsed", "caller_load", "verdict"};
  const Reflection* const reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  for (const FieldDescriptor* const field : fields) {
    const bool step_of_now =
        message.GetDescriptor()->name() == "SeriesPoint" && field->name() == "start_time";
    if (names->contains(field->name()) || step_of_now) {
      reflection->ClearField(&message, field);
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE && !field->is_repeated()) {
      ClearMoments(*reflection->MutableMessage(&message, field));
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      for (int i = 0; i < reflection->FieldSize(message, field); ++i) {
        ClearMoments(*reflection->MutableRepeatedMessage(&message, field, i));
      }
    }
  }
}

std::string Comparable(const google::protobuf::MethodDescriptor& method, const ApiReply& reply) {
  std::string text;
  for (const std::string& bytes : reply.messages) {
    const std::unique_ptr<Message> message(google::protobuf::MessageFactory::generated_factory()
                                               ->GetPrototype(method.output_type())
                                               ->New());
    EXPECT_TRUE(message->ParseFromString(bytes));
    ClearMoments(*message);
    absl::StrAppend(&text, message->DebugString(), "\n");
  }
  return text;
}

void ExpectEqual(const std::string& method, const ApiReply& grpc, const HttpApiReply& http) {
  EXPECT_EQ(http.reply.code, grpc.code) << grpc << "\n" << http.reply;
  EXPECT_EQ(http.reply.reason, grpc.reason);
  EXPECT_EQ(http.reply.message, grpc.message);
  EXPECT_EQ(http.reply.metadata, grpc.metadata);
  EXPECT_EQ(http.reply.violations, grpc.violations);
  EXPECT_EQ(http.reply.has_retry, grpc.has_retry);
  if (grpc.code != StatusCode::OK) ExpectWellFormedError(http.reply);
  // What these tell grows with each call.
  static const auto* const growing =
      new std::set<std::string>{"ListAudit", "VerifyAudit", "ListHistory"};
  if (growing->contains(method)) return;
  const google::protobuf::MethodDescriptor& descriptor = *Service().FindMethodByName(method);
  EXPECT_EQ(Comparable(descriptor, http.reply), Comparable(descriptor, grpc));
}

class HttpEqualityTest : public ::testing::TestWithParam<std::size_t> {
 protected:
  static void TearDownTestSuite() { server_.reset(); }

  // One for all rows: a write is asked for again with the id of its request, and answers what it
  // answered; a refused one changes nothing.
  static ApiServer& Server() {
    if (server_ != nullptr) return *server_;
    server_ = std::make_unique<ApiServer>();
    const std::vector<std::string> logs = server_->sandbox().LogIds();
    server_->RefuseLog(logs[3]);
    server_->RefuseLog(logs[5]);
    EXPECT_EQ(server_->Run().ledger().dead_lettered(), 2);
    server_->ClearFaults();
    token_ = LoginToken(*server_);
    return *server_;
  }

  inline static std::unique_ptr<ApiServer> server_;
  inline static std::string token_;
};

TEST_P(HttpEqualityTest, AnswersAsGrpcDoes) {
  const Row& row = Table()[GetParam()];
  ApiServer& server = Server();
  const google::protobuf::MethodDescriptor* const method = Service().FindMethodByName(row.method);
  const std::string run = server.Get<v1::GetReportsResponse>("GetReports").last_run().run_id();
  const std::string log =
      server.Get<v1::GetReportsResponse>("GetReports").last_run().checkpoint_after();
  std::string text = absl::StrReplaceAll(
      row.request, {{"$RUN", run}, {"$LOG", log}, {"$CONFIG", server.Config()}});
  if (method->input_type()->FindFieldByName("request_id") != nullptr) {
    absl::StrAppend(&text, " request_id: 'row-", GetParam(), "'");
  }
  SCOPED_TRACE(absl::StrCat(row.method, " { ", text, " }"));
  const std::string request = RequestOf(row.method, text);
  for (const HttpCodec codec : {HttpCodec::kJson, HttpCodec::kBinary}) {
    // A run that an earlier row has begun would end between the two.
    ASSERT_TRUE(Await([&] {
      const auto status = server.Get<v1::GetStatusResponse>("GetStatus");
      return !status.has_active_run() && !status.has_active_side_run() && !status.has_queued_run();
    }));
    const ApiReply grpc = server.Call(row.method, text);
    ExpectEqual(row.method, grpc,
                CallHttp(server.http_address(), row.method, request, codec, Bearer(token_)));
  }
}

// Rows that need a run in progress, and those whose success is another state than before, say
// nothing here that others do not: what they answer has the same way to the client.
std::vector<std::size_t> Rows() {
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < Table().size(); ++i) {
    const Row& row = Table()[i];
    // The exporter that the other rows are about.
    const bool last =
        std::string(row.method) == "DeleteExporter" && absl::StrContains(row.request, "'default'");
    // A login cannot make further ones: see EachRpcLetsInWhomItLetsInOverGrpc.
    const bool login = std::string(row.method) == "CreateLogin" && row.code == StatusCode::OK;
    if (row.scene == Scene::kIdle && !last && !login) rows.push_back(i);
  }
  return rows;
}

INSTANTIATE_TEST_SUITE_P(All, HttpEqualityTest, ::testing::ValuesIn(Rows()), [](const auto& row) {
  return absl::StrCat(Table()[row.param].method, "_", row.param);
});

// ---- callers and roles

TEST(HttpRolesTest, EachRpcLetsInWhomItLetsInOverGrpc) {
  TempDirectory directory;
  const std::string file = directory.File("tokens");
  WriteFile(file, absl::StrCat("vera viewer ", Sha256Hex("v-token"), "\noscar operator ",
                               Sha256Hex("o-token"), "\nada admin ", Sha256Hex("a-token"), "\n"));
  ApiServerOptions options;
  options.security.auth_token_file = file;
  ApiServer server(options);
  for (int n = 0; n < Service().method_count(); ++n) {
    const std::string& method = Service().method(n)->name();
    const bool names = Service().method(n)->input_type()->FindFieldByName("exporter") != nullptr;
    const std::string text = names ? "exporter: 'nobody'" : "";
    for (const char* const token : {"", "v-token", "o-token", "a-token"}) {
      SCOPED_TRACE(absl::StrCat(method, " ", token));
      const ApiReply grpc = server.Call(method, text, {.token = token});
      const std::string request = RequestOf(method, text);
      const HttpHeaders headers = *token == '\0' ? HttpHeaders() : Bearer(token);
      ExpectEqual(method, grpc,
                  CallHttp(server.http_address(), method, request, HttpCodec::kJson, headers));
      if (*token == '\0') continue;
      // A login has the role of whoever made it.
      const std::string login = LoginToken(server, {.token = token});
      const HttpApiReply by_login =
          CallHttp(server.http_address(), method, request, HttpCodec::kBinary, Bearer(login));
      if (method == "CreateLogin") {
        EXPECT_EQ(by_login.reply.reason, "LOGIN_NOT_ALLOWED");
      } else {
        ExpectEqual(method, grpc, by_login);
      }
    }
    ASSERT_FALSE(::testing::Test::HasFailure()) << method;
  }
}

TEST(HttpStatusTest, IsTheOneThatConnectGivesToTheCode) {
  ApiServer server;
  const std::string token = LoginToken(server);
  const auto status = [&](const std::string& method, const std::string& text) {
    return CallHttp(server.http_address(), method, RequestOf(method, text), HttpCodec::kJson,
                    Bearer(token))
        .status;
  };
  EXPECT_EQ(status("GetStatus", ""), 200);
  EXPECT_EQ(status("GetStatus", "exporter: 'nobody'"), 404);
  EXPECT_EQ(status("RunNow", "max_logs: -1"), 400);
  EXPECT_EQ(status("SetCheckpoint", "latest { }"), 400);
  EXPECT_EQ(status("SetCheckpoint", "earliest { } expected: 'other'"), 409);
  EXPECT_EQ(status("CreateExporter", "exporter: 'default' config {" + server.Config() + "}"), 409);
}

}  // namespace
}  // namespace logexport
