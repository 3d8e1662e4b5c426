using Cmsa.Data.Loading;
using Cmsa.Data.Pictures;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using LanguageExt;

namespace Cmsa.Data.Tests;

/// <summary>The order of samples in which expressions of one picture follow one another.</summary>
public class PictureSamplerTests
{
    private static readonly string[] pictures = ["a", "b", "a", "c", "a", "b", "a", "a"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void Every_epoch_visits_every_sample_in_groups_of_one_picture(int expressions)
    {
        var sampler = PictureSampler.Of(pictures, expressions, seed: 3);
        for (var epoch = 0; epoch < 4; epoch++)
        {
            var visited = Enumerable
                .Range(0, sampler.Count)
                .Select(i => sampler.At((long)epoch * sampler.Count + i))
                .ToArray();
            Assert.Equal(Enumerable.Range(0, pictures.Length), visited.Distinct().Order());
            Assert.All(visited.Chunk(expressions), group => Assert.Single(group.Select(i => pictures[i]).Distinct()));
        }
    }

    [Property]
    public Property Groups_repeat_a_sample_only_where_a_picture_has_too_few(byte[] drawn, byte size, ulong seed)
    {
        var names = drawn.Select(b => $"{b % 5}").ToArray();
        var expressions = 1 + size % 6;
        var sampler = PictureSampler.Of(names, expressions, seed);
        var epoch = Enumerable.Range(0, sampler.Count).Select(i => sampler.At(i)).ToArray();
        var more = names
            .GroupBy(n => n)
            .Sum(picture => (expressions - picture.Count() % expressions) % expressions);
        return (epoch.Length == names.Length + more && epoch.Distinct().Count() == names.Length).ToProperty();
    }

    [Fact]
    public void Another_epoch_and_another_seed_have_another_order()
    {
        var many = Enumerable.Range(0, 60).Select(i => $"{i / 6}").ToArray();
        var sampler = PictureSampler.Of(many, 3, seed: 1);
        int[] Epoch(PictureSampler s, int epoch) => [.. Enumerable.Range(0, s.Count).Select(i => s.At(epoch * s.Count + i))];
        Assert.NotEqual(Epoch(sampler, 0), Epoch(sampler, 1));
        Assert.NotEqual(Epoch(sampler, 0), Epoch(PictureSampler.Of(many, 3, seed: 2), 0));
        Assert.Equal(Epoch(sampler, 1), Epoch(PictureSampler.Of(many, 3, seed: 1), 1));
    }

    [Fact]
    public void Pictures_read_last_are_kept_within_their_bytes_and_errors_are_not()
    {
        var recent = new RecentPictures(Bytes: 6);
        var read = 0;
        Either<Error, Picture> One()
        {
            read++;
            return new Picture(1, 1, new byte[3]);
        }

        recent.Read("a", One);
        recent.Read("b", One);
        recent.Read("a", One);
        Assert.Equal(2, read);
        // The third does not fit beside two: b was asked for longest ago.
        recent.Read("c", One);
        recent.Read("a", One);
        Assert.Equal(3, read);
        recent.Read("b", One);
        Assert.Equal(4, read);

        Either<Error, Picture> Wrong()
        {
            read++;
            return new Error("bad", "file");
        }

        recent.Read("d", Wrong);
        recent.Read("d", Wrong);
        Assert.Equal(6, read);
    }
}
