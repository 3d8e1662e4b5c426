using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Tests;

/// <summary>
/// Data sets as people have them: each oddity is read as what it plainly is, or costs its own samples with an error
/// that names them, and the others stay.
/// </summary>
public class ReferWildTests
{
    private const string Polygons = "[[0, 0, 10, 0, 10, 5, 0, 5], [20, 10, 30, 10, 30, 20, 20, 20]]";

    private static readonly ReferFolder Good = new();

    /// <summary>What an id may look like in a pickle: protocol 0, as Python 2 writes it.</summary>
    public static TheoryData<string, string> Ids =>
        new()
        {
            { "float", "F11.0\n" },
            { "text", "S'11'\n" },
            { "text of a float", "V11.0\n" },
            { "numpy int64", Numpy("i8", "<", "\\x0b\\x00\\x00\\x00\\x00\\x00\\x00\\x00") },
            { "numpy int32, big endian", Numpy("i4", ">", "\\x00\\x00\\x00\\x0b") },
            { "numpy uint8", Numpy("u1", "|", "\\x0b") },
            { "numpy float32", Numpy("f4", "<", "\\x00\\x000A") },
            { "list of one", "(lI11\na" },
            { "tuple of one", "(I11\nt" },
        };

    [Theory, MemberData(nameof(Ids))]
    public void An_id_is_the_number_that_it_plainly_is(string name, string id)
    {
        var folder = Good with { Refs = Changed(Good.Refs, "I11\n", id) };
        Assert.True(150 == First(folder).Value().Truth.Area, name);
    }

    [Theory]
    [InlineData("\"id\": 11,", "\"id\": 11.0,")]
    [InlineData("\"id\": 11,", "\"id\": \"11\",")]
    [InlineData("\"id\": 1,", "\"id\": 1.0,")]
    [InlineData("\"height\": 20", "\"height\": 20.0")]
    [InlineData("\"id\": 11,", "\"id\": 11, \"area\": NaN, \"bbox\": [-Infinity, Infinity, NaN],")]
    [InlineData("\"id\": 5,", "\"id\": 5, \"score\":NaN, \"note\": \"NaN \\\" Infinity\",")]
    public void So_is_a_number_in_json(string from, string to) =>
        Assert.Equal(150, First(Good with { Instances = Changed(Good.Instances, from, to) }).Value().Truth.Area);

    [Theory]
    [InlineData("F11.5\n")]
    [InlineData("S'eleven'\n")]
    [InlineData("F1e300\n")]
    [InlineData("(lI11\naS'x'\na")]
    [InlineData("(d")]
    public void An_id_that_is_no_whole_number_costs_its_own_samples(string id) =>
        Costs(Good with { Refs = Changed(Good.Refs, "I11\n", id) }, "ann_id");

    [Fact]
    public void The_text_of_Python_2_may_be_Latin_1()
    {
        var folder = Good with { Refs = Changed(Good.Refs, "Vthe car\n", "S'the caf\\xe9'\n") };
        Assert.Equal("the caf\u00e9", First(folder).Value().Expression);
        Assert.Equal(["the", "caf\u00e9"], First(folder).Value().Tokens);
    }

    [Fact]
    public void Tuples_are_lists() =>
        Assert.True(
            First(
                Good with
                {
                    Refs =
                        "((dS'ref_id'\nI1\nsS'ann_id'\nI11\nsS'image_id'\nI1\nsS'category_id'\nI5\ns"
                        + "S'split'\nS'train'\nsS'sentences'\n((dS'sent_id'\nI1\nsS'sent'\nS'the car'\nstst.",
                }
            ).IsRight
        );

    [Fact]
    public void Arrays_of_numpy_in_fields_that_nobody_reads_do_no_harm()
    {
        const string array =
            "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
            + "(I1\n(I2\ntcnumpy\ndtype\n(S'u1'\nI0\nI1\ntR(I3\nS'|'\nNNNI-1\nI-1\nI0\ntbI00\nS'ab'\ntb";
        var folder = Good with { Refs = Changed(Good.Refs, "(dS'ref_id'\nI1\n", $"(dS'box'\n{array}sS'ref_id'\nI1\n") };
        Assert.True(First(folder).IsRight);
    }

    [Fact]
    public void Several_annotations_are_their_union() =>
        Assert.Equal(
            150 + 40 - 10,
            First(Good with { Refs = Changed(Good.Refs, "I11\n", "(lI11\naI12\na") }).Value().Truth.Area
        );

    [Theory]
    [InlineData("(l")]
    [InlineData("N")]
    [InlineData("(lI-1\na")]
    [InlineData("I-1\n")]
    public void An_expression_that_names_nothing_has_an_empty_region(string id)
    {
        var sample = First(Good with { Refs = Changed(Good.Refs, "I11\n", id) }).Value();
        Assert.Equal((20, 30, 0), (sample.Truth.Height, sample.Truth.Width, sample.Truth.Area));
    }

    [Theory]
    [InlineData("null", "without a region", "annotation 11")]
    [InlineData("7", "malformed region", "annotation 11")]
    [InlineData("[[1, \"2\"]]", "malformed region", "annotation 11")]
    [InlineData("[[0, 0, 10, 0, 10, NaN, 0, 5]]", "malformed region", "annotation 11")]
    [InlineData("[[0, 0, 10, 0, 10, 5, 0]]", "a polygon of 7 numbers", "annotation 11")]
    [InlineData("[[], [0, 0, 10, 0, 10, 5, 0, 5]]", "a polygon of 0 numbers", "annotation 11")]
    [InlineData("[]", "no pixel", "annotation 11")]
    [InlineData("{\"size\": [20, 30], \"counts\": [1]}", "do not fill", "annotation 11")]
    [InlineData("{\"size\": [20], \"counts\": [600]}", "malformed region", "annotation 11")]
    public void A_region_that_is_none_costs_its_own_samples(string region, string says, string place) =>
        Costs(Good with { Instances = Changed(Good.Instances, Polygons, region) }, says, place);

    [Theory]
    [InlineData("\"id\": 11, \"image_id\": 1", "\"id\": 11, \"image_id\": 2", "in image 2, not in image 1")]
    [InlineData("\"height\": 20", "\"height\": -1", "without file_name, height and width")]
    [InlineData("{\"id\": 11,", "{\"id\": 111,", "annotation 11 is not in instances.json")]
    public void Nor_is_another_object_s_region_ever_taken(string from, string to, string says) =>
        Costs(Good with { Instances = Changed(Good.Instances, from, to) }, says);

    [Theory]
    [InlineData("sS'image_id'\nL1L\n", "", "image_id")]
    [InlineData("S'sent'\nVthe car\n", "S'sent'\nI5\n", "without a text")]
    [InlineData("S'sent'\nVthe car\n", "S'sent'\nV.\n", "says nothing")]
    public void A_reference_that_lacks_something_costs_its_own_samples(string from, string to, string says) =>
        Costs(Good with { Refs = Changed(Good.Refs, from, to) }, says);

    [Fact]
    public void What_belongs_to_no_sample_is_named()
    {
        var folder = Good with
        {
            Refs = Changed(Changed(Good.Refs, "(lp0\n", "(lp0\nI7\na"), "S'split'\nS'val'\n", "S'split'\nN"),
            Instances = Changed(Good.Instances, "{\"id\": 14,", "{"),
        };
        folder.Open(opened =>
        {
            var data = opened.Value();
            Assert.Equal(["train", "testA"], data.Splits);
            Assert.Collection(
                data.Skipped,
                wrong => Assert.Equal("not a reference: no dictionary", wrong.What),
                wrong => Assert.Equal("a reference without a split", wrong.What),
                wrong => Assert.Equal("annotation without an id", wrong.What)
            );
            Assert.EndsWith("refs(me).p, entry 2", data.Skipped[1].Where, StringComparison.Ordinal);
            return unit;
        });
    }

    [Theory]
    [InlineData("{\"id\": 12,", "{\"id\": 11,", "annotation 11 is there already, at byte ", "\"annotations\" at byte ")]
    [InlineData("{\"id\": 2,", "{\"id\": 1.0,", "image 1 is there already, at byte ", "\"images\" at byte ")]
    public void An_id_twice_refuses_the_data_set_and_names_both_places(string from, string to, string says, string at)
    {
        var instances = Changed(Good.Instances, from, to);
        var wrong = (Good with { Instances = instances }).Open(opened => opened.Error());
        var first = instances.IndexOf(
            from.Replace("12", "11", StringComparison.Ordinal).Replace("2", "1", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
        Assert.Equal(says + first, wrong.What);
        Assert.EndsWith(
            at + instances.IndexOf(to, first + 1, StringComparison.Ordinal),
            wrong.Where,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_expression_without_a_known_word_is_asked()
    {
        var folder = Good with { Vocabulary = "<pad>\n<go>\n<eos>\n<unk>\nright\n" };
        folder.Open(opened =>
        {
            var data = opened.Value();
            var tokens = data.Read("train", 0).Value().Tokens;
            Assert.Equal(["the", "car"], tokens);
            Assert.Equal([0, Vocabulary.Unknown, Vocabulary.Unknown], data.Vocabulary.Encode(tokens, 3));
            return unit;
        });
    }

    private static string Numpy(string kind, string order, string bytes) =>
        $"cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'{kind}'\nI0\nI1\ntR"
        + $"(I3\nS'{order}'\nNNNI-1\nI-1\nI0\ntbS'{bytes}'\ntR";

    private static string Changed(string text, string from, string to)
    {
        Assert.Contains(from, text, StringComparison.Ordinal);
        return text.Replace(from, to, StringComparison.Ordinal);
    }

    private static Either<Error, Sample> First(ReferFolder folder) =>
        folder.Open(opened => opened.Value().Read("train", 0));

    private static void Costs(ReferFolder folder, string says, string place = "ref 1") =>
        folder.Open(opened =>
        {
            var data = opened.Value();
            var wrong = data.Read("train", 0).Error();
            Assert.Contains(says, wrong.What, StringComparison.Ordinal);
            Assert.Contains(place, wrong.Where, StringComparison.Ordinal);
            Assert.Contains("ref 1, sentence 10", wrong.Where, StringComparison.Ordinal);
            Assert.Equal(2, data.Count("train"));
            Assert.True(data.Read("testA", 0).IsRight);
            return unit;
        });
}
