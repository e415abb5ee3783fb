#include <sys/stat.h>

#include "tests/runbooks/shipped_story.h"

namespace drydock::test {
namespace {

namespace fs = std::filesystem;

// What the world may do to a runbook's files and programs.
class BadInput : public ShippedRunbook {
  protected:
    // Runs steps that may touch the folder `mine` and start sh.
    [[nodiscard]] Ended run_lua(const std::string& lua, const std::string& more = "") const {
        write_runbook(lua, more);
        return program.run({"run", "input.yaml"});
    }
    void write_runbook(const std::string& lua, const std::string& more) const {
        program.folder().put("input.yaml",
                             "runbook: input\nfiles: [mine]\ncommands: [sh]\nsteps:\n"
                             "  - id: work\n" + more + "    lua: |\n      " + lua + "\n");
    }
};

TEST_F(BadInput, a_link_swapped_in_a_loop_never_leads_out_of_the_files) {
    fs::create_directories(program.folder() / "mine/real");
    fs::create_directories(program.folder() / "outside");
    program.put("mine/real/text", "inside");
    program.put("outside/text", "canary");
    ChildProcess swapper([this](const ChildProcess::Line& line) {
        const std::string link = program.folder() / "mine/door";
        const std::string next = program.folder() / "mine/next";
        for (bool told = false;; told = true) {
            for (const char* target : {"real", "../outside"}) {
                ::unlink(next.c_str());
                if (::symlink(target, next.c_str()) != 0) ::_exit(1);
                ::rename(next.c_str(), link.c_str());
            }
            if (!told) line.tell("swapping");
        }
    });
    ASSERT_EQ(swapper.hear(), "swapping");
    const Ended ended = run_lua(
        "local inside, refused = 0, 0\n"
        "      for i = 1, 3000 do\n"
        "        local ok, text = pcall(fs.read, 'mine/door/text')\n"
        "        check(not ok or text ~= 'canary', 'read what is outside')\n"
        "        if ok then inside = inside + 1 else refused = refused + 1 end\n"
        "        pcall(fs.write, 'mine/door/text', 'inside')\n"
        "      end\n"
        "      log.info('inside %d, refused %d', inside, refused)\n"
        "      check(inside > 0, 'never read')\n"
        "      check(refused > 0, 'never refused')");
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    EXPECT_EQ(bytes("outside/text"), "canary");
}

TEST_F(BadInput, a_file_outside_is_refused_with_what_may_be_touched) {
    program.put("secret", "canary");
    const Ended ended = run_lua("return {text = fs.read('secret')}");
    EXPECT_EQ(ended.exit, 1);
    expect_told(ended.out, {"secret", "hint: "});
    EXPECT_EQ(ended.out.find("canary"), std::string::npos);
}

TEST_F(BadInput, a_program_that_is_not_listed_is_refused_and_not_started) {
    fs::create_directories(program.folder() / "mine");
    const Ended ended = run_lua("command{'touch', 'mine/made'}");
    EXPECT_NE(ended.exit, 0);
    expect_told(ended.out + ended.err, {"touch", "commands", "hint: "});
    EXPECT_FALSE(fs::exists(program.folder() / "mine/made"));
}

TEST_F(BadInput, a_program_that_is_missing_is_named) {
    program.put("input.yaml",
                "runbook: input\ncommands: [no-such-program]\nsteps:\n"
                "  - id: work\n    lua: command{'no-such-program'}\n");
    const Ended ended = program.run({"run", "input.yaml"});
    EXPECT_NE(ended.exit, 0);
    expect_told(ended.out + ended.err, {"no-such-program", "hint: "});
}

constexpr const char* kStubborn =
    "command{'sh', '-c', \"trap '' TERM INT; echo $$ > mine/pid; echo > mine/ready; "
    "while :; do sleep 0.05; done\"}";

TEST_F(BadInput, a_child_that_ignores_the_signal_is_killed_when_its_time_is_over) {
    fs::create_directories(program.folder() / "mine");
    const Ended ended = run_lua(kStubborn, "    timeout: 1s\n    idempotent: true\n");
    EXPECT_EQ(ended.exit, 1) << ended.out << ended.err;
    expect_told(ended.out, {"took longer than its timeout", "hint: "});
    EXPECT_NE(::kill(std::stoi(bytes("mine/pid")), 0), 0) << "it is still there";
}

TEST_F(BadInput, a_child_that_ignores_the_signal_does_not_hold_up_a_cancel_now) {
    fs::create_directories(program.folder() / "mine");
    write_runbook(kStubborn, "    idempotent: true\n");
    ASSERT_EQ(::mkfifo((program.folder() / "mine/ready").c_str(), 0600), 0);
    auto running = program.start({"run", "input.yaml"});
    EXPECT_EQ(bytes("mine/ready"), "\n");
    EXPECT_EQ(program.run({"cancel", "last", "--now"}).exit, 0);
    EXPECT_EQ(running.wait().exit, 6);
    EXPECT_NE(::kill(std::stoi(bytes("mine/pid")), 0), 0) << "it is still there";
}

TEST_F(BadInput, output_that_is_no_utf8_harms_neither_the_run_nor_what_reads_it) {
    const Ended ended = run_lua(
        R"(local said = command{'sh', '-c', "printf 'before \\377\\376 \\033[31mred after\\n'"}
      return {text = said.output})",
        "    returns: {text: string}\n");
    EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
    for (const auto& args : {std::vector<std::string>{"logs", "last"},
                             {"show", "last", "-v"},
                             {"show", "last", "--json"},
                             {"audit", "verify"}}) {
        const Ended read = program.run(args);
        EXPECT_EQ(read.exit, 0) << args.front() << read.err;
        EXPECT_EQ(read.out.find('\377'), std::string::npos) << args.front() << read.out;
        EXPECT_EQ(read.out.find('\033'), std::string::npos) << args.front() << read.out;
    }
    expect_told(program.run({"logs", "last"}).out, {"before", "after"});
}

}  // namespace
}  // namespace drydock::test
