// Completion, as bash, zsh and fish really ask for it.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <sstream>

#include "engine/cli/command_line.h"
#include "engine/cli/text.h"
#include "tests/cli/cli_story.h"

namespace drydock::test {
namespace {

using Words = std::vector<std::string>;

class Completion : public ::testing::Test {
  protected:
    // The candidates for the last of `words`, without what they are.
    [[nodiscard]] Words candidates(Words words) const {
        words.insert(words.begin(), "complete");
        const Ended ended = program_.run(words);
        EXPECT_EQ(ended.exit, 0);
        EXPECT_EQ(ended.err, "");
        Words found;
        for (const std::string& line : cli::lines_in(ended.out))
            found.push_back(line.substr(0, line.find('\t')));
        return found;
    }
    [[nodiscard]] bool offers(const Words& words, std::string_view candidate) const {
        const Words found = candidates(words);
        return std::ranges::find(found, candidate) != found.end();
    }
    // A shell that runs `script` in the test's folder, with the program as `drydock` and the
    // completion in drydock.SHELL. Returns the lines that it prints.
    [[nodiscard]] Words shell(const std::string& name, const std::string& script) const {
        program_.folder().put("drydock." + name, program_.run({"completion", name}).out);
        program_.folder().put("script", script);
        const std::string command = "cd " + program_.folder().path() +
                                    " && mkdir -p bin && ln -sf " DRYDOCK_PROGRAM
                                    " bin/drydock && env -i HOME=$PWD XDG_STATE_HOME=$PWD/state "
                                    "PATH=$PWD/bin:/usr/bin:/bin "
                                    "TERM=dumb " +
                                    name + " script 2>&1";
        std::FILE* pipe = ::popen(command.c_str(), "r");
        std::string text;
        for (int byte = std::fgetc(pipe); byte != EOF; byte = std::fgetc(pipe))
            text += static_cast<char>(byte);
        EXPECT_EQ(::pclose(pipe), 0) << text;
        return cli::lines_in(text);
    }
    void run_one() const {
        make_database(program_);
        program_.folder().put("failing.yaml", kFailing);
        EXPECT_EQ(program_.run({"run", "failing.yaml"}).exit, 1);
    }
    [[nodiscard]] std::string run_id() const {
        return program_.run({"runs"}).out.substr(program_.run({"runs"}).out.find('\n') + 1, 8);
    }
    Program program_;
};

TEST_F(Completion, OffersCommandsAndThoseBelowThem) {
    EXPECT_EQ(candidates({"ru"}), (Words{"run", "runs", "runbooks"}));
    EXPECT_EQ(candidates({"runbooks", "s"}), Words{"schema"});
    EXPECT_TRUE(offers({""}, "explain"));
    EXPECT_FALSE(offers({""}, "complete"));
}

TEST_F(Completion, OffersTheOptionsOfTheCommandAndOfAll) {
    EXPECT_TRUE(offers({"run", "--re"}, "--require-plan"));
    EXPECT_TRUE(offers({"run", "--"}, "--json"));
    EXPECT_FALSE(offers({"runs", "--"}, "--require-plan"));
    EXPECT_EQ(candidates({"runs", "--status", "su"}), (Words{"suspended", "succeeded"}));
    EXPECT_EQ(candidates({"runs", "--color", "=", "a"}), (Words{"auto", "always"}));
    EXPECT_EQ(candidates({"show", "--config", "x"}), Words{":files"});
}

TEST_F(Completion, KnowsEveryOptionOfEveryCommand) {
    for (const cli::Command& command : cli::commands()) {
        Words words;
        std::istringstream name{std::string(command.name)};
        for (std::string word; name >> word;) words.push_back(word);
        words.push_back("-");
        const Words found = candidates(words);
        for (const cli::OptionShape& shape : cli::options_of(command)) {
            EXPECT_FALSE(shape.help.empty()) << shape.names.front();
            for (const std::string& option : shape.names)
                EXPECT_NE(std::ranges::find(found, option), found.end())
                    << command.name << " " << option;
        }
    }
}

TEST_F(Completion, OffersRunbooksActionsEnvironmentsAndWords) {
    program_.put("drydock.yaml", "runbooks: [.]\nenvironments: {production: {production: true}}\n");
    program_.put("own.yaml", "runbook: own\nsteps: [{id: one, lua: return}]\n");
    EXPECT_TRUE(offers({"run", "o"}, "own"));
    EXPECT_TRUE(offers({"run", "sqlite-w"}, "sqlite-weekly"));
    EXPECT_TRUE(offers({"run", ""}, ":files"));
    EXPECT_FALSE(offers({"runbooks", "export", "o"}, "own"));
    EXPECT_TRUE(offers({"actions", "sqlite."}, "sqlite.vacuum"));
    EXPECT_TRUE(offers({"explain", "retr"}, "retry"));
    EXPECT_EQ(candidates({"run", "--environment", "p"}), Words{"production"});
}

TEST_F(Completion, OffersRunsAndTheirSteps) {
    EXPECT_TRUE(candidates({"show", ""}).empty());  // there is no journal, and none is made
    EXPECT_FALSE(std::filesystem::exists(program_.journal()));
    run_one();
    EXPECT_TRUE(offers({"show", ""}, "last"));
    EXPECT_TRUE(offers({"show", run_id().substr(0, 3)}, run_id()));
    EXPECT_EQ(candidates({"logs", "last", "d"}), Words{"data"});
    EXPECT_EQ(candidates({"resume", "last", "--retry", ""}), (Words{"insert", "data"}));
}

TEST_F(Completion, IsSilentWhereSomethingIsWrong) {
    program_.put("drydock.yaml", "enviroments: {}\n");
    EXPECT_EQ(program_.run({"complete", "run", "--environment", ""}).out, "");
    EXPECT_EQ(program_.run({"complete"}).exit, 0);
    EXPECT_EQ(program_.run({"completion", "tcsh"}).exit, 2);
}

TEST_F(Completion, WorksInBash) {
    run_one();
    program_.put("a file.yaml", "");
    const std::string script =
        "source ./drydock.bash\n"
        "ask() { COMP_WORDS=(drydock \"$@\"); COMP_CWORD=$#; COMPREPLY=(); _drydock;\n"
        "  printf '%s\\n' \"${COMPREPLY[@]}\"; }\n"
        "complete -p drydock >/dev/null || echo not registered\n"
        "ask runbooks e\nask show la\nask check 'a f'\nask runs --status fai\n";
    EXPECT_EQ(shell("bash", script), (Words{"export", "last", "a file.yaml", "failed"}));
}

// _describe and _files are zsh's own: here they tell what they are given.
TEST_F(Completion, WorksInZsh) {
    run_one();
    const std::string script =
        "compdef() { print registered $1 }\n"
        "_describe() { print -l -- \"${(@P)2}\" }\n"
        "_files() { print files }\n"
        "source ./drydock.zsh\n"
        "ask() { words=(drydock \"$@\"); CURRENT=$#words; _drydock }\n"
        "ask runbooks e\nask show la\nask check x\n";
    EXPECT_EQ(shell("zsh", script),
              (Words{"registered _drydock",
                     "export:Write a shipped runbook to a folder, to read or to change it",
                     "last:your newest run", "files"}));
}

TEST_F(Completion, WorksInFish) {
    run_one();
    program_.put("notes.yaml", "");
    const std::string script =
        "source ./drydock.fish\n"
        "complete -C 'drydock expla'\n"
        "complete -C 'drydock runbooks e'\ncomplete -C 'drydock show la'\n"
        "complete -C 'drydock check note'\ncomplete -C 'drydock runs --status fai'\n";
    EXPECT_EQ(shell("fish", script),
              (Words{"explain\tSay what a key, action, error, exit code, status or limit means",
                     "export\tWrite a shipped runbook to a folder, to read or to change it",
                     "last\tyour newest run", "notes.yaml", "failed"}));
}

// --- the manual ---

class Manual : public Completion {};

TEST_F(Manual, IsAPageWithoutAWarning) {
    program_.put("drydock.1", program_.run({"manual"}).out);
    const std::string groff = "cd " + program_.folder().path() +
                              " && groff -man -Tutf8 -ww drydock.1 2>warnings >page; cat warnings; "
                              "man -l --warnings -E UTF-8 -Tutf8 drydock.1 2>&1 >/dev/null";
    std::FILE* pipe = ::popen(groff.c_str(), "r");
    std::string warnings;
    for (int byte = std::fgetc(pipe); byte != EOF; byte = std::fgetc(pipe))
        warnings += static_cast<char>(byte);
    EXPECT_EQ(::pclose(pipe), 0);
    EXPECT_EQ(warnings, "");
    EXPECT_GT(program_.folder().get("page").size(), 5000U);
}

TEST_F(Manual, HasEveryCommandAndExitStatus) {
    const std::string page = program_.run({"manual"}).out;
    for (const cli::Command& command : cli::commands()) {
        std::string head = ".SS drydock " + std::string(command.name);
        EXPECT_NE(page.find(head), std::string::npos) << head;
    }
    for (const char byte : page) EXPECT_GE(byte, 0) << "not ASCII";
    for (const char* code : {"\\fB0\\fR", "\\fB4\\fR", "\\fB70\\fR"})
        EXPECT_NE(page.find(code), std::string::npos) << code;
}

// --- what is installed ---

TEST(Install, PutsTheProgramAndWhatBelongsToItInTheirPlaces) {
    const TemporaryFolder folder;
    const std::string command =
        "cmake --install " DRYDOCK_BUILD " --prefix " + folder.path() + " >/dev/null 2>&1";
    ASSERT_EQ(std::system(command.c_str()), 0);
    for (const char* file :
         {"bin/drydock", "share/man/man1/drydock.1", "share/bash-completion/completions/drydock",
          "share/zsh/site-functions/_drydock", "share/fish/vendor_completions.d/drydock.fish",
          "share/drydock/schema/runbook.json", "share/drydock/schema/cases.json",
          "share/drydock/schema/settings.json", "share/drydock/lua/drydock.lua",
          "share/drydock/lua/drydock_redis.lua"})
        EXPECT_GT(std::filesystem::file_size(folder / file), 100U) << file;
}

}  // namespace
}  // namespace drydock::test
