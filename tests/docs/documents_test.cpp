// What the documents show is true: their commands print what stands there, their runbooks pass the
// check, their links lead somewhere, and the tests that they name exist.

#include <gtest/gtest.h>

#include <cctype>
#include <regex>
#include <set>

#include "docs/transcript.h"
#include "doubles/temp_folder.h"

namespace drydock::docs {
namespace {

namespace fs = std::filesystem;

const fs::path kProject = DRYDOCK_SOURCE;
const fs::path kProgram = DRYDOCK_PROGRAM;

class EachDocument : public testing::TestWithParam<fs::path> {
  protected:
    Document document_ = read_document(GetParam());

    // What a reader would have before the first command: the example's own files, and those that
    // the document tells to write.
    void prepare(const TempFolder& folder) const {
        if (GetParam().string().find("/examples/") != std::string::npos) {
            fs::copy(GetParam().parent_path(), folder.path(), fs::copy_options::recursive);
        }
        for (const Block& block : document_.blocks) {
            if (!block.file.empty()) write_text(folder.path() + "/" + block.file, block.text());
        }
    }
};

TEST_P(EachDocument, ShowsCommandsThatDoWhatItSays) {
    const TempFolder folder;
    prepare(folder);
    std::vector<Command> commands;
    for (const Block& block : document_.blocks) {
        if (block.language != "console") continue;
        for (Command& command : commands_of(block)) commands.push_back(std::move(command));
    }
    const std::vector<Answer> answers = run_commands(commands, folder.path(), kProgram);
    ASSERT_EQ(answers.size(), commands.size());
    for (std::size_t i = 0; i < commands.size(); ++i) {
        const std::string place = GetParam().string() + ":" + std::to_string(commands[i].line);
        const auto wrong = difference(commands[i].expected, answers[i].lines);
        EXPECT_FALSE(wrong) << place << ": $ " << commands[i].text << "\n  " << wrong.value_or("");
        const bool told = i + 1 < commands.size() && commands[i + 1].text == "echo $?";
        EXPECT_TRUE(answers[i].status == 0 || told) << place << ": ends with " << answers[i].status;
    }
}

TEST_P(EachDocument, ShowsRunbooksThatPassTheCheck) {
    const TempFolder folder;
    prepare(folder);
    std::vector<Command> commands;
    for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
        if (!read_text(entry.path()).starts_with("runbook:")) continue;
        commands.push_back({.text = "drydock check '" + entry.path().string() + "'"});
    }
    for (const Answer& answer : run_commands(commands, folder.path(), kProgram)) {
        EXPECT_EQ(answer.status, 0) << testing::PrintToString(answer.lines);
    }
}

TEST_P(EachDocument, LinksToWhatIsThere) {
    for (const std::string& link : document_.links) {
        EXPECT_TRUE(fs::exists(GetParam().parent_path() / link)) << GetParam() << ": " << link;
    }
}

// Every TEST and TEST_F and TEST_P below tests/, as Suite.Name.
const std::set<std::string>& all_tests() {
    static const std::set<std::string> kAll = [] {
        std::set<std::string> all;
        const std::regex declared(R"(TEST(?:_[FP])?\(\s*(\w+),\s*(\w+)\))");
        for (const auto& entry : fs::recursive_directory_iterator(kProject / "tests")) {
            if (entry.path().extension() != ".cpp") continue;
            const std::string text = read_text(entry.path());
            for (std::sregex_iterator found(text.begin(), text.end(), declared), end; found != end;
                 ++found) {
                all.insert((*found)[1].str() + "." + (*found)[2].str());
            }
        }
        return all;
    }();
    return kAll;
}

TEST_P(EachDocument, NamesTestsThatExist) {
    const std::string text = read_text(GetParam());
    // `Suite.ASentenceAsAName` or `Suite.a_sentence_as_a_name`.
    const std::regex named(
        R"(`([A-Z]\w+\.(?:[A-Z][a-z0-9]*(?:[A-Z]\w*)+|[a-z]+(?:_[a-z0-9]+)+))`)");
    for (std::sregex_iterator found(text.begin(), text.end(), named), end; found != end; ++found) {
        EXPECT_TRUE(all_tests().contains((*found)[1].str())) << GetParam() << ": " << (*found)[1];
    }
}

std::string name_of(const testing::TestParamInfo<fs::path>& info) {
    std::string name = fs::relative(info.param, kProject).string();
    for (char& c : name) {
        if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
    }
    return name;
}

INSTANTIATE_TEST_SUITE_P(Docs, EachDocument, testing::ValuesIn(all_documents()), name_of);

}  // namespace
}  // namespace drydock::docs
