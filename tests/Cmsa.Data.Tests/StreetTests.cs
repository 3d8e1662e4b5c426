using LanguageExt;
using static LanguageExt.Prelude;

namespace Cmsa.Data.Tests;

/// <summary>
/// A fact about the street scenes beside the repository (or where CMSA_REFER says); skipped where they are not there.
/// </summary>
public sealed class StreetFactAttribute : FactAttribute
{
    public StreetFactAttribute()
    {
        if (Root is null)
            Skip = "no data set `street` in the folder that CMSA_REFER names, or in ../shared/data/refer";
    }

    public static string? Root { get; } =
        new[] { Environment.GetEnvironmentVariable("CMSA_REFER") }
            .Concat(
                Above(AppContext.BaseDirectory)
                    .Where(f => File.Exists(Path.Combine(f, "Cmsa.Dsl.sln")))
                    .Select(f => Path.GetFullPath(Path.Combine(f, "..", "shared", "data", "refer")))
            )
            .FirstOrDefault(root => root is not null && Directory.Exists(Path.Combine(root, "street")));

    private static IEnumerable<string> Above(string? folder)
    {
        for (; folder is not null; folder = Path.GetDirectoryName(folder))
            yield return folder;
    }
}

[Trait("Speed", "Slow")]
public class StreetTests
{
    private static ReferDataset Street() => ReferDataset.Open(StreetFactAttribute.Root!, "street", "unc").Value();

    [StreetFact]
    public void Its_counts_are_those_that_Python_counts()
    {
        var street = Street();
        Assert.Equal("street/unc", street.Name);
        Assert.Equal(
            [
                new("train", 367, 3367, 8917),
                new("val", 101, 1113, 2931),
                new("testA", 105, 130, 390),
                new("testB", 233, 2025, 5296),
                new("all", 701, 6635, 17534),
            ],
            street.Counts
        );
        Assert.Equal(36, street.Vocabulary.Count);
    }

    [StreetFact]
    public void Every_sample_of_a_split_is_read_from_many_threads_alike()
    {
        var street = Street();
        var once = new Either<Error, Sample>[street.Count("testA")];
        Parallel.For(0, once.Length, i => once[i] = street.Read("testA", i));
        Assert.All(
            Enumerable.Range(0, once.Length),
            i =>
            {
                var (a, b) = (once[i].Value(), street.Read("testA", i).Value());
                Assert.Equal((a.Id, a.Expression, a.Topic), (b.Id, b.Expression, b.Topic));
                Assert.True(
                    a.Picture.Rgb.AsSpan().SequenceEqual(b.Picture.Rgb)
                        && a.Truth.Pixels.AsSpan().SequenceEqual(b.Truth.Pixels)
                );
                Assert.Equal(Tokenizer.Split(a.Expression), a.Tokens);
                Assert.Equal((a.Picture.Height, a.Picture.Width), (a.Truth.Height, a.Truth.Width));
                Assert.True(a.Truth.Area > 0 && a.Tokens.ForAll(street.Vocabulary.Knows));
            }
        );
    }

    [StreetFact]
    public void Every_sample_is_read()
    {
        var street = Street();
        foreach (var split in street.Splits)
        {
            using var loader = DataLoader<int>.Start(
                new Sampler(street.Count(split)),
                i => street.Read(split, i).Map(sample => sample.Truth.Area),
                until: street.Count(split)
            );
            Assert.Equal(street.Count(split), loader.Items().Count());
            Assert.Empty(loader.Report.Bad);
        }
    }

    [StreetFact]
    public void A_loader_of_it_is_the_same_twice_and_from_the_middle()
    {
        var street = Street();
        Many<string> Ids(long from, int threads)
        {
            var sampler = new Sampler(street.Count("train"), 7);
            using var loader = DataLoader<Sample>.Start(
                sampler,
                i => street.Read("train", i),
                from,
                60,
                threads: threads
            );
            return [.. loader.Items().Select(item => item.Value.Id)];
        }
        Assert.Equal(60, Ids(0, 2).Distinct().Count);
        Assert.Equal(Ids(0, 1), Ids(0, 3));
        Assert.Equal(Ids(0, 1).Skip(37), Ids(37, 2));
    }
}
