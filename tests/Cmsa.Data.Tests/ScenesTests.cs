using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Xunit;
using Snapshooter.Xunit;

namespace Cmsa.Data.Tests;

/// <summary>What the built-in data sets promise as data sets.</summary>
[Trait("Speed", "Slow")]
public sealed class ScenesTests
{
    private static readonly string[] PlaceWords =
    [
        "left",
        "right",
        "top",
        "bottom",
        "above",
        "below",
        "next",
        "on",
        "at",
        "under",
        "over",
        "middle",
        "leftmost",
        "rightmost",
        "topmost",
        "bottommost",
        "highest",
        "lowest",
        "farthest",
        "in",
        "picture",
    ];

    public static TheoryData<SceneFlavour> Flavours => [.. Enum.GetValues<SceneFlavour>()];

    [Fact]
    public void Labels_say_what_each_pixel_of_the_same_picture_shows()
    {
        var scenes = SceneDataset.Of(SceneFlavour.Unc, size: 48);
        foreach (var index in Enumerable.Range(0, 40))
        {
            var (sample, labels) = (scenes.Read("train", index).Value(), scenes.Labels("train", index).Value());
            Assert.Equal(sample.Picture.Rgb, labels.Picture.Rgb);
            // UNC's expressions name one thing: its pixels are the truth.
            var named = labels.Parts.Where((_, i) => sample.Truth.Pixels[i] == 1).Distinct().Single();
            Assert.Equal(sample.Truth.Pixels, labels.Parts.Select(part => part == named ? (byte)1 : (byte)0));
            Assert.Equal(sample.Truth.Pixels.Count(p => p == 1), labels.Things[named - 1].Pixels);
            Assert.Equal(48 * 48, labels.Things.Sum(thing => thing.Pixels) + labels.Parts.Count(part => part == 0));
            Assert.Equal(labels.Things.Max(thing => thing.Pixels), labels.Largest.Pixels);
            Assert.Equal(labels.Things[named - 1].Shape + 1, Named(labels.ShapeMap, labels.Parts, named));
            Assert.Equal(labels.Things[named - 1].Colour + 1, Named(labels.ColourMap, labels.Parts, named));
            Assert.All(labels.ShapeMap.Zip(labels.Parts), pair => Assert.Equal(pair.Item2 == 0, pair.Item1 == 0));
        }
        Assert.Equal(["circle", "ring", "square", "triangle", "star", "cross"], SceneLabels.Shapes);
        Assert.Contains("no such sample", scenes.Labels("train", -1).Error().What, StringComparison.Ordinal);

        static int Named(byte[] map, byte[] parts, byte part) => map.Where((_, i) => parts[i] == part).Distinct().Single();
    }

    [Property(MaxTest = 200)]
    public bool The_same_arguments_give_the_same_sample(SceneFlavour flavour, int seed, NonNegativeInt index) =>
        Fingerprint(Read(SceneDataset.Of(flavour, seed), "train", index.Get % 20_000))
        == Fingerprint(Read(SceneDataset.Of(flavour, seed), "train", index.Get % 20_000));

    [Theory]
    [MemberData(nameof(Flavours))]
    public void Any_order_and_any_thread_give_the_same_samples(SceneFlavour flavour)
    {
        var scenes = SceneDataset.Of(flavour);
        var inOrder = Enumerable.Range(0, 200).Select(i => Fingerprint(Read(scenes, "train", i))).ToArray();
        var atOnce = Enumerable
            .Range(0, 200)
            .Reverse()
            .AsParallel()
            .AsOrdered()
            .WithDegreeOfParallelism(4)
            .Select(i => Fingerprint(Read(scenes, "train", i)))
            .Reverse()
            .ToArray();
        Assert.Equal(inOrder, atOnce);
    }

    [Property(MaxTest = 200)]
    public bool Another_seed_is_another_data_set(SceneFlavour flavour, int seed) =>
        Fingerprint(Read(SceneDataset.Of(flavour, seed), "train", 0))
        != Fingerprint(Read(SceneDataset.Of(flavour, seed ^ 1), "train", 0));

    // Whoever changes a sample changes what every published number was measured on: this must be meant.
    [Theory]
    [InlineData(SceneFlavour.Unc, "F6613BFAF8EB8E79")]
    [InlineData(SceneFlavour.UncPlus, "C8AE3344A40F58AA")]
    [InlineData(SceneFlavour.Gref, "A253C410B59DFD7D")]
    [InlineData(SceneFlavour.Referit, "AF5CBD24B140C1A5")]
    public void The_data_has_not_changed(SceneFlavour flavour, string golden)
    {
        var scenes = SceneDataset.Of(flavour);
        Assert.Equal(
            golden,
            Digest(
                string.Join(
                    '\n',
                    from split in scenes.Splits
                    from i in Enumerable.Range(0, 25)
                    select Fingerprint(Read(scenes, split, i))
                )
            )[..16]
        );
    }

    [Property]
    public bool Exactly_one_of_four_splits_admits_a_scene_and_the_test_split_is_the_last_two(NonEmptyArray<byte> things)
    {
        var kinds = things
            .Get.Select(code => new ThingKind((Outline)(code % 6), (Paint)(code / 6 % 7), (Bulk)(code / 42 % 3)))
            .ToArray();
        bool In(string split) => SceneSplit.Admits(split, kinds);
        return new[] { In("train"), In("val"), In("testA"), In("testB") }.Count(held => held) == 1
            && In("test") == (In("testA") || In("testB"))
            && SceneSplit.Admits("val", kinds.Reverse()) == In("val");
    }

    [Fact]
    public void No_split_shows_the_things_of_another_whatever_the_flavour_or_the_seed()
    {
        var shown = (
            from flavour in Enum.GetValues<SceneFlavour>()
            from seed in new[] { 0, 1 }
            let scenes = SceneDataset.Of(flavour, seed)
            from split in scenes.Splits
            from i in Enumerable.Range(0, 500)
            from one in scenes.Describe(split, i).ToSeq()
            group string.Join(' ', one.Scene.Things.Select(thing => thing.Kind.Code).Order()) by split
        ).ToDictionary(group => group.Key, group => group.ToHashSet());
        // "test" is "testA" and "testB" together.
        var apart =
            from a in shown.Keys
            from b in shown.Keys
            where a != b && a != "test" && !(a.StartsWith("test", StringComparison.Ordinal) && b == "test")
            select (a, b);
        Assert.All(apart, pair => Assert.False(shown[pair.a].Overlaps(shown[pair.b])));
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public void A_mask_is_where_the_picture_shows_what_is_named(SceneFlavour flavour)
    {
        var scenes = SceneDataset.Of(flavour);
        Assert.All(
            Enumerable.Range(0, 300),
            i =>
            {
                var sample = Read(scenes, "train", i);
                Assert.Equal(
                    (96, 96, 3 * 96 * 96),
                    (sample.Picture.Height, sample.Picture.Width, sample.Picture.Rgb.Length)
                );
                Assert.Equal((96, 96, 96 * 96), (sample.Truth.Height, sample.Truth.Width, sample.Truth.Pixels.Length));
                Assert.DoesNotContain(sample.Truth.Pixels, pixel => pixel > 1);
                Assert.InRange(sample.Truth.Area, 80, 96 * 96 * 7 / 10);
                foreach (var utterance in scenes.Describe("train", i).ToSeq())
                {
                    var parts = Enumerable
                        .Range(0, 32)
                        .Where(part =>
                            part < utterance.Scene.Things.Count
                            || (part >= SceneParts.Most && part < SceneParts.Most + utterance.Scene.Backdrop.Count)
                        )
                        .Select(part => SceneRenderer.Mask(utterance.Scene, new(1u << part), 96).Pixels)
                        .ToArray();
                    Assert.DoesNotContain(Enumerable.Range(0, 96 * 96), pixel => parts.Sum(part => part[pixel]) != 1);
                }
            }
        );
    }

    [Property(MaxTest = 40)]
    public bool Every_size_shows_the_same_scene(SceneFlavour flavour, NonNegativeInt index)
    {
        var small = Read(SceneDataset.Of(flavour, size: 64), "train", index.Get % 20_000);
        var large = Read(SceneDataset.Of(flavour, size: 160), "train", index.Get % 20_000);
        return small.Expression == large.Expression
            && small.Picture.Height == 64
            && large.Picture.Height == 160
            && Math.Abs(small.Truth.Area / 4096.0 - large.Truth.Area / 25600.0) < 0.03;
    }

    [Property(MaxTest = 200)]
    public bool A_distractor_is_something_else_in_the_same_picture(SceneFlavour flavour, int seed, NonNegativeInt index)
    {
        var scenes = SceneDataset.Of(flavour, seed);
        var (split, at) = (scenes.Splits[index.Get % scenes.Splits.Count], index.Get % 1000);
        var sample = Read(scenes, split, at);
        return scenes
            .Distractor(split, at)
            .Exists(other =>
                other.Picture.Rgb.SequenceEqual(sample.Picture.Rgb)
                && other.Expression != sample.Expression
                && other.Truth.Area > 0
                && !other.Truth.Pixels.Zip(sample.Truth.Pixels).Any(pixel => pixel is (1, 1))
            );
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public void Topics_keep_their_shares(SceneFlavour flavour)
    {
        var said = Said(flavour, "train", 3000);
        var shares = Dialect(flavour);
        Assert.Equal(shares.Keys.Order(), said.Select(one => one.Topic).Distinct().Order());
        Assert.All(
            shares,
            share => Assert.InRange(said.Count(one => one.Topic == share.Key) / 30.0, share.Value - 4, share.Value + 4)
        );
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public void The_vocabulary_is_exactly_what_is_said(SceneFlavour flavour)
    {
        var vocabulary = SceneDataset.Of(flavour).Vocabulary;
        var said = Said(flavour, "train", 4000)
            .SelectMany(one => Tokenizer.Split(one.Text))
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToArray();
        Assert.Equal("<pad> <go> <eos> <unk>", string.Join(' ', vocabulary.Words.Take(4)));
        Assert.Equal(said, vocabulary.Words.Skip(4).ToArray());
        Assert.Equal(vocabulary, SceneDataset.Of(flavour, seed: 7, size: 64).Vocabulary);
    }

    [Theory]
    [MemberData(nameof(Flavours))]
    public void No_expression_is_cut_by_a_model_of_twenty_words(SceneFlavour flavour) =>
        Assert.All(Said(flavour, "train", 4000), one => Assert.InRange(Tokenizer.Split(one.Text).Count, 1, 20));

    [Fact]
    public void UncPlus_has_no_word_of_place() =>
        Assert.Empty(SceneDataset.Of(SceneFlavour.UncPlus).Vocabulary.Words.Intersect(PlaceWords));

    [Fact]
    public void Gref_is_twice_as_long_as_unc() => Assert.True(Length(SceneFlavour.Gref) > 2 * Length(SceneFlavour.Unc));

    [Theory]
    [InlineData(SceneFlavour.Unc)]
    [InlineData(SceneFlavour.UncPlus)]
    public void TestA_names_round_things_and_testB_angular_ones(SceneFlavour flavour)
    {
        Assert.All(
            Said(flavour, "testA", 300),
            one => Assert.True(one.Scene.Things[one.Referent.First].Kind.Outline.IsRound)
        );
        Assert.All(
            Said(flavour, "testB", 300),
            one => Assert.False(one.Scene.Things[one.Referent.First].Kind.Outline.IsRound)
        );
    }

    [Fact]
    public void Splits_are_those_of_the_data_sets_they_resemble()
    {
        Assert.Equal("train val testA testB", string.Join(' ', SceneDataset.Of(SceneFlavour.Unc).Splits));
        Assert.Equal("train val", string.Join(' ', SceneDataset.Of(SceneFlavour.Gref).Splits));
        Assert.Equal("train val test", string.Join(' ', SceneDataset.Of(SceneFlavour.Referit).Splits));
        Assert.Equal(70, SceneDataset.Of(SceneFlavour.Gref, counts: new(Validation: 70)).Count("val"));
        Assert.Equal(0, SceneDataset.Of(SceneFlavour.Gref).Count("testA"));
        Assert.Equal("scenes/unc+", SceneDataset.Of(SceneFlavour.UncPlus).Name);
    }

    [Fact]
    public void What_does_not_exist_is_an_error_that_says_so() =>
        Snapshot.Match(
            string.Join(
                '\n',
                from at in new[] { ("train", -1), ("val", 1000), ("dev", 0) }
                select SceneDataset
                    .Of(SceneFlavour.Unc)
                    .Read(at.Item1, at.Item2)
                    .Match(sample => sample.Id, error => error.ToString())
            )
        );

    [Theory]
    [MemberData(nameof(Flavours))]
    public void Some_expressions(SceneFlavour flavour) =>
        Snapshot.Match(
            string.Join(
                '\n',
                Said(flavour, "train", 60).Select(one => $"{one.Topic}: {one.Text}").Order(StringComparer.Ordinal)
            ),
            $"ScenesTests.Some_expressions_{flavour}"
        );

    private static Dictionary<string, int> Dialect(SceneFlavour flavour) =>
        flavour switch
        {
            SceneFlavour.Unc => new()
            {
                ["attribute"] = 40,
                ["position"] = 25,
                ["comparison"] = 20,
                ["relation"] = 15,
            },
            SceneFlavour.UncPlus => new()
            {
                ["attribute"] = 50,
                ["comparison"] = 30,
                ["relation"] = 20,
            },
            SceneFlavour.Gref => new()
            {
                ["attribute"] = 30,
                ["position"] = 20,
                ["comparison"] = 15,
                ["relation"] = 35,
            },
            _ => new()
            {
                ["attribute"] = 25,
                ["position"] = 20,
                ["comparison"] = 10,
                ["relation"] = 15,
                ["group"] = 15,
                ["background"] = 15,
            },
        };

    private static double Length(SceneFlavour flavour) =>
        Said(flavour, "train", 2000).Average(one => Tokenizer.Split(one.Text).Count);

    private static List<Utterance> Said(SceneFlavour flavour, string split, int count)
    {
        var scenes = SceneDataset.Of(flavour);
        return [.. Enumerable.Range(0, count).SelectMany(i => scenes.Describe(split, i).ToSeq())];
    }

    private static Sample Read(SceneDataset scenes, string split, int index) =>
        scenes.Read(split, index).IfLeft(error => throw new InvalidOperationException(error.ToString()));

    private static string Fingerprint(Sample sample) =>
        $"{sample.Id} {sample.Expression} [{string.Join(' ', sample.Tokens)}] {sample.Topic} "
        + Convert.ToHexString(SHA256.HashData([.. sample.Picture.Rgb, .. sample.Truth.Pixels]));

    private static string Digest(string text) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
