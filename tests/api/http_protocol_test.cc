// The Connect protocol at its edges: what is no call of it, and how each is answered.
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "logexport/v1/service.pb.h"
#include "tests/api/http_call.h"

namespace logexport {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kStatus[] = "/logexport.v1.LogExportService/GetStatus";
constexpr char kWatch[] = "/logexport.v1.LogExportService/WatchRun";
constexpr char kPause[] = "/logexport.v1.LogExportService/PauseExporter";

class HttpProtocolTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    server_ = std::make_unique<ApiServer>();
    server_->Run();
    token_ = LoginToken(*server_);
  }
  static void TearDownTestSuite() { server_.reset(); }

  static HttpReply Post(const std::string& path, const std::string& body,
                        const HttpHeaders& more = {},
                        const std::string& type = "application/json") {
    HttpHeaders headers = Bearer(token_);
    headers.insert(more.begin(), more.end());
    return PostTo(server_->http_address(), path, body, {.headers = headers, .content_type = type});
  }
  static std::string Envelope(int flags, const std::string& message, int size = -1) {
    const auto length = static_cast<std::size_t>(size < 0 ? message.size() : size);
    std::string envelope(1, static_cast<char>(flags));
    for (int shift = 24; shift >= 0; shift -= 8) {
      envelope.push_back(static_cast<char>((length >> shift) & 0xff));
    }
    return envelope + message;
  }
  static bool Paused() {
    return server_->Get<v1::GetStatusResponse>("GetStatus").state() == v1::EXPORTER_STATE_PAUSED;
  }

  inline static std::unique_ptr<ApiServer> server_;
  inline static std::string token_;
};

TEST_F(HttpProtocolTest, TakesWhatCurlSends) {
  const HttpReply reply = Post(kStatus, "{}");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.at("content-type"), "application/json");
  EXPECT_FALSE(reply.headers.at("x-request-id").empty());
  EXPECT_EQ(Post(kStatus, "{}", {}, "application/json; charset=utf-8").status, 200);
  EXPECT_EQ(Post(kStatus, "{}", {{"connect-timeout-ms", "5000"}}).status, 200);
  EXPECT_EQ(Post(kStatus, "{}", {{"content-encoding", "identity"}}).status, 200);
  // Names as in the proto are taken, too.
  EXPECT_EQ(Post("/logexport.v1.LogExportService/GetReports", "{\"page_size\": 1}").status, 200);
  EXPECT_EQ(Post("/logexport.v1.LogExportService/GetReports", "{\"pageSize\": 1}").status, 200);
}

TEST_F(HttpProtocolTest, RefusesOtherMethodsPathsAndTypes) {
  EXPECT_EQ(HttpGet("http://" + server_->http_address(), kStatus).headers.at("allow"), "POST");
  EXPECT_EQ(HttpGet("http://" + server_->http_address(), kStatus).status, 405);
  EXPECT_EQ(HttpDelete("http://" + server_->http_address(), kStatus).status, 405);
  for (const char* const path :
       {"/logexport.v1.LogExportService/", "/logexport.v1.LogExportService/NoSuch",
        "/logexport.v1.LogExportService/GetStatus/", "/logexport.v1.LogExportService/getstatus",
        "/logexport.v1.LogExportService/%47etStatus"}) {
    const HttpReply reply = Post(path, "{}");
    EXPECT_EQ(reply.status, 404) << path;
    EXPECT_THAT(reply.body, HasSubstr("\"code\":\"unimplemented\"")) << path;
  }
  EXPECT_EQ(Post("/other.Service/GetStatus", "{}").status, 405) << "only GET has files";
  for (const char* const type :
       {"text/json", "application/xml", "application/grpc", "application/grpc-web",
        "application/connect+json", "application/json; charset=utf-16", "application/jsonx"}) {
    const HttpReply reply = Post(kStatus, "{}", {}, type);
    EXPECT_EQ(reply.status, 415) << type;
    EXPECT_EQ(reply.headers.at("accept-post"), "application/json, application/proto") << type;
  }
  EXPECT_EQ(Post(kWatch, "{}").status, 415) << "a stream takes envelopes";
}

TEST_F(HttpProtocolTest, RefusesFieldsOfTheProtocolThatAreNone) {
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{{"connect-protocol-version", "2"},
                                                        {"connect-timeout-ms", "-1"},
                                                        {"connect-timeout-ms", "1e3"},
                                                        {"connect-timeout-ms", "12345678901"},
                                                        {"connect-timeout-ms", "soon"}}) {
    EXPECT_EQ(Post(kStatus, "{}", {{name, value}}).status, 400) << name << ": " << value;
  }
  for (const char* const coding : {"gzip", "br", "zstd", "deflate", "x"}) {
    const HttpReply reply = Post(kStatus, "{}", {{"content-encoding", coding}});
    EXPECT_EQ(reply.status, 501) << coding;
    EXPECT_THAT(reply.body, HasSubstr("\"code\":\"unimplemented\"")) << coding;
  }
}

TEST_F(HttpProtocolTest, SaysWhereJsonDoesNotFitAndNeverWhatItHeld) {
  struct Row {
    const char* body;
    const char* field;
    const char* what;
  };
  for (const Row& row :
       std::vector<Row>{{"", "", "send {} for a request without fields"},
                        {"{", "", "not JSON"},
                        {"[]", "", "to be a JSON object"},
                        {"{} x", "", "not JSON"},
                        {R"({"reasom": "hunter2"})", "reasom", "no such field"},
                        {R"({"reason": ["hunter2"]})", "reason", "to be a string"},
                        {R"({"reason": {"a": "hunter2"}})", "reason", "to be a string"},
                        {R"({"exporter": true})", "exporter", "to be a string"}}) {
    const HttpReply reply = Post(kPause, row.body);
    EXPECT_EQ(reply.status, 400) << row.body;
    EXPECT_THAT(reply.body,
                AllOf(HasSubstr("INVALID_FIELD"), HasSubstr(row.what), Not(HasSubstr("hunter2"))))
        << row.body;
    if (*row.field != '\0') {
      EXPECT_THAT(reply.body, HasSubstr(absl::StrCat("\"field\":\"", row.field, "\""))) << row.body;
    }
    EXPECT_FALSE(Paused()) << row.body;
  }
  const HttpReply nested = Post("/logexport.v1.LogExportService/UpdateConfig",
                                R"({"config": {"auth0": {"clientSecret": 12345678}}})");
  EXPECT_EQ(nested.status, 400);
  EXPECT_THAT(nested.body,
              AllOf(HasSubstr("config.auth0.client_secret"), Not(HasSubstr("12345678"))));
}

TEST_F(HttpProtocolTest, SurvivesJsonOfEveryKind) {
  const std::string deep(100'000, '[');
  for (const std::string& body :
       {deep, std::string(100'000, '{'), absl::StrCat("{\"a\":", deep), std::string("\0", 1),
        std::string("{\"reason\": \"\\ud800\"}"), std::string("{\"reason\": \"\xff\xfe\"}"),
        std::string("{\"reason\": 1e999}"),
        absl::StrCat("{\"reason\": ", std::string(9999, '9'), "}"), std::string("nul"),
        std::string("NaN")}) {
    const HttpReply reply = Post(kPause, body);
    EXPECT_TRUE(reply.status == 400 || reply.status == 200) << reply.status;
    if (reply.status == 200) server_->Call("ResumeExporter");
  }
  EXPECT_EQ(Post(kPause, "\xff\xff\xff\xff", {}, "application/proto").status, 400);
  EXPECT_EQ(Post(kStatus, "", {}, "application/proto").status, 200) << "no fields, no bytes";
}

TEST_F(HttpProtocolTest, RefusesARequestOf5Megabytes) {
  const std::string big = absl::StrCat("{\"reason\": \"", std::string(5 << 20, 'x'), "\"}");
  const HttpReply reply = Post(kPause, big);
  EXPECT_EQ(reply.status, 429);
  EXPECT_THAT(reply.body, HasSubstr("REQUEST_TOO_LARGE"));
  EXPECT_FALSE(Paused());
  // Of what a stranger sends nothing is taken in.
  EXPECT_EQ(PostTo(server_->http_address(), kPause, big, {.headers = Bearer("wrong")}).status, 401);
}

TEST_F(HttpProtocolTest, ADeadlineThatHasPassedDoesNothing) {
  const HttpReply reply = Post(kPause, "{}", {{"connect-timeout-ms", "0"}});
  EXPECT_EQ(reply.status, 504);
  EXPECT_THAT(reply.body, HasSubstr("DEADLINE_EXCEEDED"));
  EXPECT_FALSE(Paused());
}

// ---- streams

TEST_F(HttpProtocolTest, RefusesEnvelopesThatAreNone) {
  for (const std::string& body :
       {std::string(), std::string("\0\0", 2), Envelope(0, "{}", 3), Envelope(0, "{}", 1),
        Envelope(0, "{}", 0x7fffffff), Envelope(1, "{}"), Envelope(2, "{}"), Envelope(128, "{}"),
        Envelope(0, "{}") + Envelope(0, "{}"), Envelope(0, "{"), Envelope(0, "")}) {
    const HttpReply reply = Post(kWatch, body, {}, "application/connect+json");
    EXPECT_EQ(reply.status, 200);
    ASSERT_GE(reply.body.size(), 5u);
    EXPECT_EQ(reply.body[0], 2) << "the end, at once";
    EXPECT_THAT(reply.body, HasSubstr("\"code\":\"invalid_argument\""));
  }
}

TEST_F(HttpProtocolTest, AStreamForAStrangerIsOneError) {
  const HttpReply reply =
      PostTo(server_->http_address(), kWatch, Envelope(0, "{}"),
             {.headers = Bearer("wrong"), .content_type = "application/connect+json"});
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, HasSubstr("{\"error\":{\"code\":\"unauthenticated\""));
}

TEST(HttpStreamTest, FollowsARunWhileItGoesOnAndEndsWithItsReport) {
  ApiServer server;
  server.HoldAuth0();
  const std::string run = server.Get<v1::RunNowResponse>("RunNow").run().run_id();
  const std::string token = LoginToken(server);
  HttpApiReply watched;
  std::thread watch([&] {
    watched = CallHttp(server.http_address(), "WatchRun",
                       RequestOf("WatchRun", absl::StrCat("run_id: '", run, "'")), HttpCodec::kJson,
                       Bearer(token));
  });
  server.ClearFaults();
  const v1::Report report = server.Await(run);
  watch.join();
  EXPECT_TRUE(watched.reply.ok()) << watched.reply;
  const auto last = watched.reply.Last<v1::WatchRunResponse>();
  EXPECT_EQ(last.phase(), v1::WATCH_PHASE_FINAL);
  EXPECT_EQ(last.report().ledger().accepted(), report.ledger().accepted());
}

}  // namespace
}  // namespace logexport
