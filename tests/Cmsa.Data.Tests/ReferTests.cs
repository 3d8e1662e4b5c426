using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Tests;

public class ReferTests
{
    [Fact]
    public void A_data_set_is_what_its_files_say() =>
        new ReferFolder().Open(opened =>
        {
            var data = opened.Value();
            Assert.Equal("toy/me", data.Name);
            Assert.Equal(Seq("train", "val", "testA"), data.Splits);
            Assert.Equal(
                Seq(new ReferCounts("train", 1, 1, 2), new("val", 1, 1, 1), new("testA", 1, 1, 2), new("all", 2, 3, 5)),
                data.Counts
            );
            Assert.Equal(
                (2, 1, 2, 0),
                (data.Count("train"), data.Count("val"), data.Count("testA"), data.Count("testZ"))
            );
            Assert.Equal(Seq("<pad>", "<go>", "<eos>", "<unk>", "car", "left", "the"), data.Vocabulary.Words);

            var left = data.Read("train", 1).Value();
            Assert.Equal(("1/11", "left car.", "car"), (left.Id, left.Expression, left.Topic));
            Assert.Equal(Seq("left", "car"), left.Tokens);
            Assert.Equal((20, 30, 150), (left.Picture.Height, left.Picture.Width, left.Truth.Area));
            Assert.Equal(Seq("the", "car"), data.Read("train", 0).Value().Tokens);

            var png = data.Read("testA", 1).Value();
            Assert.Equal(PicturesTests.Slope(10, 12).Rgb, png.Picture.Rgb);
            Assert.Equal(new Box(1, 1, 8, 4), Rle.Of(png.Truth).Box);
            return unit;
        });

    [Fact]
    public void Runs_as_numbers_are_columns() =>
        (new ReferFolder() with { Vocabulary = "<pad>\n<go>\n<eos>\n<unk>\nright\n" }).Open(opened =>
        {
            var data = opened.Value();
            Assert.Equal(5, data.Vocabulary.Count);
            Assert.Equal(new Box(1, 0, 2, 20), Rle.Of(data.Read("val", 0).Value().Truth).Box);
            return unit;
        });

    [Theory]
    [InlineData("toy/instances.json")]
    [InlineData("toy/refs(me).p")]
    public void A_missing_file_is_one_error_that_names_it(string file) =>
        Assert.EndsWith(file, OpenError(new ReferFolder { Without = [file] }).Where, StringComparison.Ordinal);

    [Fact]
    public void Missing_pictures_are_one_error() =>
        Assert.EndsWith(
            "train2014",
            OpenError(
                new ReferFolder
                {
                    Without = ["images/mscoco/images/train2014/one.jpg", "images/mscoco/images/train2014/two.png"],
                }
            ).Where,
            StringComparison.Ordinal
        );

    [Fact]
    public void Every_part_of_instances_json_is_one_error_that_names_it()
    {
        var whole = new ReferFolder().Instances;
        foreach (var length in Enumerable.Range(0, whole.Length).Where(i => i % 7 == 0))
        {
            var wrong = OpenError(new ReferFolder { Instances = whole[..length] });
            Assert.EndsWith("instances.json", wrong.Where.Split(',')[0], StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("[1, 2]", "not a JSON object")]
    [InlineData("{} x", "not whole JSON")]
    [InlineData("""{"images": [{"file_name": "x"}]}""", "knows none of the pictures")]
    [InlineData("""{"categories": []}""", "knows none of the pictures")]
    public void Malformed_instances_are_one_error(string instances, string says) =>
        Assert.Contains(says, OpenError(new ReferFolder { Instances = instances }).What, StringComparison.Ordinal);

    [Theory]
    [InlineData("(lp0\n(dp1\n", "ends before it is complete")]
    [InlineData("cos\nsystem\n(S'true'\ntR.", "os system")]
    [InlineData("(d.", "no list of references")]
    [InlineData("(l(dS'ref_id'\nI1\nsa.", "a reference without a split")]
    public void A_refused_pickle_is_one_error(string refs, string says)
    {
        var wrong = OpenError(new ReferFolder { Refs = refs });
        Assert.Contains(says, wrong.What, StringComparison.Ordinal);
        Assert.EndsWith("refs(me).p", wrong.Where.Split(',')[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_vocabulary_is_one_error() =>
        Assert.EndsWith(
            "vocabulary.txt",
            OpenError(new ReferFolder { Vocabulary = "the\n" }).Where,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_bad_sample_is_an_error_that_names_file_and_reference_and_leaves_the_others()
    {
        var good = new ReferFolder();
        const string region = "[[0, 0, 10, 0, 10, 5, 0, 5], [20, 10, 30, 10, 30, 20, 20, 20]]";
        Bad(good with { Without = ["images/mscoco/images/train2014/one.jpg"] }, "no such file", "one.jpg");
        Bad(good with { One = good.One[..^20] }, "cut off", "one.jpg");
        Bad(good with { One = PicturesTests.Jpeg(PicturesTests.Slope(30, 20)) }, "30 x 20", "one.jpg");
        Bad(
            good with
            {
                Instances = good.Instances.Replace("\"id\": 11", "\"id\": 111", StringComparison.Ordinal),
            },
            "annotation 11",
            "ref 1"
        );
        Bad(
            good with
            {
                Instances = good.Instances.Replace("{\"id\": 1,", "{\"id\": 9,", StringComparison.Ordinal),
            },
            "image 1",
            "ref 1"
        );
        Bad(
            good with
            {
                Instances = good.Instances.Replace(region, "[]", StringComparison.Ordinal),
            },
            "no pixel",
            "annotation 11"
        );
        Bad(
            good with
            {
                Instances = good.Instances.Replace(
                    region,
                    "{\"size\": [20, 30], \"counts\": [1]}",
                    StringComparison.Ordinal
                ),
            },
            "do not fill",
            "annotation 11"
        );
        Bad(
            good with
            {
                Refs = good.Refs.Replace("Vthe car\n", "V.\n", StringComparison.Ordinal),
            },
            "says nothing",
            "ref 1"
        );

        static void Bad(ReferFolder folder, string says, string where) =>
            folder.Open(opened =>
            {
                var wrong = opened.Value().Read("train", 0).Error();
                Assert.Contains(says, wrong.What, StringComparison.Ordinal);
                Assert.Contains(where, wrong.Where, StringComparison.Ordinal);
                Assert.Contains("ref 1", wrong.Where, StringComparison.Ordinal);
                Assert.True(opened.Value().Read("testA", 0).IsRight);
                return unit;
            });
    }

    [Fact]
    public void A_sample_that_does_not_exist_is_an_error() =>
        new ReferFolder().Open(opened =>
        {
            Assert.All(
                new[] { ("train", -1), ("train", 2), ("none", 0) },
                at => Assert.True(opened.Value().Read(at.Item1, at.Item2).IsLeft)
            );
            return unit;
        });

    [Fact]
    public void Elements_larger_than_any_buffer_are_read()
    {
        var many = string.Join(", ", Enumerable.Repeat("[0, 0, 10, 0, 10, 5, 0, 5]", 120_000));
        var folder = new ReferFolder();
        var grown = folder with
        {
            Instances = folder.Instances.Replace(
                "[[0, 0, 10, 0, 10, 5, 0, 5], ",
                $"[{many}, ",
                StringComparison.Ordinal
            ),
        };
        Assert.True(grown.Instances.Length > 3_000_000);
        Assert.Equal(150, grown.Open(opened => opened.Value().Read("train", 0).Value().Truth.Area));
    }

    private static Error OpenError(ReferFolder folder) => folder.Open(opened => opened.Error());
}
