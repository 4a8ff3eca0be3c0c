// Runs the program on an API that none of its code knows, see observatory.proto: what works here
// works for an RPC or a field that is added to the real API tomorrow.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "client/cli/errors.h"
#include "logexport/observatory/v1/observatory.grpc.pb.h"
#include "tests/client/cli_fixture.h"

namespace logexport {

absl::string_view ObservatoryDescriptorSetBytes();

namespace cli {
namespace {

namespace api = observatory::v1;
using ::testing::HasSubstr;
using ::testing::Not;

class FakeObservatory : public api::ObservatoryService::Service {
 public:
  grpc::Status PointTelescope(grpc::ServerContext*, const api::PointTelescopeRequest* request,
                              api::PointTelescopeResponse* response) override {
    pointed = *request;
    response->set_star(request->star());
    response->mutable_run()->set_run_id("motor-1");
    return grpc::Status::OK;
  }
  grpc::Status ListStars(grpc::ServerContext*, const api::ListStarsRequest* request,
                         api::ListStarsResponse* response) override {
    const int first = request->page_token().empty() ? 0 : std::stoi(request->page_token());
    for (int i = first; i < std::min(first + request->page_size(), 7); ++i) {
      auto* star = response->add_stars();
      star->set_star("HD" + std::to_string(i));
      star->set_magnitude(1.5 * i);
      star->set_remark("seen by many, understood by few");
      star->set_number(i);
    }
    if (first + request->page_size() < 7) {
      response->set_next_page_token(std::to_string(first + request->page_size()));
    }
    response->set_total_size(7);
    return grpc::Status::OK;
  }
  grpc::Status MeltMirror(grpc::ServerContext*, const api::MeltMirrorRequest* request,
                          api::MeltMirrorResponse*) override {
    melted = request->mirror();
    return grpc::Status::OK;
  }
  grpc::Status UpdateSettings(grpc::ServerContext*, const api::UpdateSettingsRequest* request,
                              api::UpdateSettingsResponse* response) override {
    *response->mutable_settings() = request->settings();
    *response->mutable_changed() = request->update_mask();
    return grpc::Status::OK;
  }
  grpc::Status WatchMeteors(grpc::ServerContext*, const api::WatchMeteorsRequest* request,
                            grpc::ServerWriter<api::WatchMeteorsResponse>* writer) override {
    for (int i = 0; i < request->count(); ++i) {
      api::WatchMeteorsResponse meteor;
      meteor.set_magnitude(i);
      writer->Write(meteor);
    }
    return grpc::Status::OK;
  }
  grpc::Status WatchDome(grpc::ServerContext*, const v1::WatchRunRequest* request,
                         grpc::ServerWriter<v1::WatchRunResponse>* writer) override {
    v1::WatchRunResponse message;
    message.set_phase(v1::WATCH_PHASE_FINAL);
    message.mutable_report()->set_run_id(request->run_id());
    message.mutable_report()->set_state(v1::RUN_STATE_FAILED);
    writer->Write(message);
    return grpc::Status::OK;
  }

  api::PointTelescopeRequest pointed;
  int melted = 0;
};

class ObservatoryTest : public CliFixture {
 protected:
  ObservatoryTest() {
    context_.program = "skyctl";
    context_.descriptor_set = ObservatoryDescriptorSetBytes();
    context_.service = "logexport.observatory.v1.ObservatoryService";
    Serve(service_);
  }
  FakeObservatory service_;
};

TEST_F(ObservatoryTest, ItsRpcsAreCommandsWithHelp) {
  const std::string program = Run({"--help"}).out;
  EXPECT_THAT(program, HasSubstr("Looks at the sky."));
  EXPECT_THAT(program,
              HasSubstr("  point-telescope, point      Points the telescope at something."));
  const std::string help = Run({"point", "--help"}).out;
  EXPECT_THAT(help, HasSubstr("Usage:\n  skyctl point-telescope [STAR] [FLAGS]\n"));
  EXPECT_THAT(help, HasSubstr("--lamp red|deep-red"));
  EXPECT_THAT(help, HasSubstr("red: Red, which spares the eyes."));
  EXPECT_THAT(help, Not(HasSubstr("rouge")));
  EXPECT_THAT(help, HasSubstr("Which part of the sky; one of:"));
  EXPECT_THAT(help, HasSubstr("--door-code-file FILE"));
  EXPECT_THAT(help, HasSubstr("--[no-]track"));
  EXPECT_THAT(help, HasSubstr("--request.output TEXT"));
  EXPECT_THAT(help, Not(HasSubstr("obsolete")));
}

TEST_F(ObservatoryTest, ItsFieldsAreFlags) {
  const std::string code = WriteFile("code", "1234\n");
  const CliResult result = Run({"point",
                                "Wega",
                                "--coordinates.right-ascension.hours=18",
                                "--coordinates.declination",
                                "-16.5",
                                "--exposure",
                                "1h",
                                "--lamp",
                                "deep-red",
                                "--filters",
                                "name=uv,wave-length=380",
                                "--filters",
                                R"({"name":"ir"})",
                                "--remarks",
                                "ann=clear",
                                "--image",
                                "AQI=",
                                "--door-code-file",
                                code,
                                "--no-track",
                                "--magnitudes",
                                "1,2.5",
                                "--request.output",
                                "tape",
                                "--cameras",
                                "1,2"});
  EXPECT_EQ(result.code, kExitOk) << result.err;
  EXPECT_EQ(service_.pointed.ShortDebugString(),
            "star: \"Wega\" coordinates { declination: -16.5 right_ascension { hours: 18 } } "
            "exposure { seconds: 3600 } lamp: LAMP_COLOR_DEEP_RED filters { name: \"uv\" "
            "wave_length: 380 } filters { name: \"ir\" } remarks { key: \"ann\" value: \"clear\" } "
            "image: \"\\001\\002\" door_code: \"1234\" track: false magnitudes: 1 magnitudes: 2.5 "
            "output: \"tape\" cameras: 1 cameras: 2 request_id: \"request-1\"");
}

TEST_F(ObservatoryTest, ItsSecretsStaySecret) {
  EXPECT_EQ(Run({"point", "--door-code", "1234"}).code, kExitUsage);
  const std::string code = WriteFile("code", "1234");
  EXPECT_THAT(Run({"point", "--door-code-file", code, "--print-request"}).out,
              HasSubstr("\"doorCode\": \"********\""));
}

TEST_F(ObservatoryTest, ItsListsArePagedTables) {
  const CliResult result =
      Run({"list-stars", "--limit", "3"}, [](FakeTerminal& terminal) { terminal.tty = true; });
  EXPECT_EQ(result.out,
            "STAR  MAGNITUDE  REMARK\n"
            "HD0           0  seen by many, understood by few\n"
            "HD1         1.5  seen by many, understood by few\n"
            "HD2           3  seen by many, understood by few\n");
  EXPECT_THAT(result.err, HasSubstr("3 of 7 shown"));
  EXPECT_THAT(Run({"list-stars", "--limit", "0", "-o", "jsonl"}).out, HasSubstr("HD6"));
  EXPECT_EQ(Run({"list-stars", "--columns", "number"}).out.substr(0, 9), "NUMBER\n  ");
}

TEST_F(ObservatoryTest, ItsDestructiveCallsAsk) {
  EXPECT_EQ(Run({"melt-mirror", "2"}).code, kExitUsage);
  EXPECT_EQ(service_.melted, 0);
  EXPECT_EQ(Run({"melt-mirror", "2", "--yes"}).code, kExitOk);
  EXPECT_EQ(service_.melted, 2);
  EXPECT_EQ(Run({"melt-mirror", "--yes"}).code, kExitUsage);  // which one?
}

TEST_F(ObservatoryTest, ItsUpdatesDeriveTheirMask) {
  const CliResult result = Run({"update-settings", "--lamp.color", "red", "--no-lamp.lit",
                                "--settings.reason", "dark", "--reason", "night", "-o", "json"});
  EXPECT_EQ(YAML::Load(result.out)["changed"].as<std::string>(), "lamp.color,lamp.lit,reason");
  EXPECT_EQ(YAML::Load(result.out)["settings"]["reason"].as<std::string>(), "dark");
}

TEST_F(ObservatoryTest, ItsStreamsAreReadToTheEnd) {
  const CliResult result = Run({"watch-meteors", "--count", "3", "-o", "jsonl"});
  EXPECT_EQ(result.code, kExitOk);
  EXPECT_EQ(result.out, "{\"magnitude\":0}\n{\"magnitude\":1}\n{\"magnitude\":2}\n");
  EXPECT_THAT(Run({"watch-meteors", "--count", "1"}).out, HasSubstr("magnitude  0\n"));
}

TEST_F(ObservatoryTest, WhatItStartsCanBeFollowed) {
  const CliResult result = Run({"point", "Wega", "--wait"});
  EXPECT_EQ(result.code, kExitRunFailed);
  EXPECT_THAT(result.out, HasSubstr("run id          motor-1\n"));
}

TEST_F(ObservatoryTest, CompletionKnowsItToo) {
  EXPECT_EQ(Run({"__complete", "poi"}).out,
            "point\tPoints the telescope at something\n"
            "point-telescope\tPoints the telescope at something\n");
  EXPECT_EQ(Run({"__complete", "point", "--lamp", "d"}).out,
            "deep-red\tDeep red, for photographs\n");
  // The names of stars come from the service.
  EXPECT_THAT(Run({"__complete", "point", "HD"}).out, HasSubstr("HD6\t"));
}

}  // namespace
}  // namespace cli
}  // namespace logexport
