using Cmsa.Dsl.Graphs;
using LanguageExt;
using TorchSharp;
using static TorchSharp.torch;

namespace Cmsa.Dsl.Torch;

public static partial class Kernels
{
    /// <summary>
    /// A word that is not there leaves the state as it is, so that the words that are there are all there is to
    /// compute: those of a sample close up, the sample with the most comes first, and step k takes the k-th word of the
    /// samples that have one, which are the first so many. It is so wherever the padding stands.
    /// </summary>
    private static Kernel RecurOf(Recur recur, Node node, DeviceContext on)
    {
        var terms = recur.Terms(node.Operands).Map(t => t.Shape);
        var presence = node.Operands[1].Shape;
        var whole = terms.Fold(presence, (a, b) => a.Union(b));
        // Samples are what words are there for; what else there is, places, is the same for all words.
        Many<Axis> samples = presence.Axes.Filter(a => a != Axis.Word);
        Many<Axis> places = whole.Axes.Filter(a => a != Axis.Word && a != Axis.Channel && !samples.Contains(a));
        Many<Axis> words = [Axis.Word],
            channel = [Axis.Channel];
        var arrangePresence = Arrange(presence.Axes, samples + words);
        var arrange = terms.Map(t => Arrange(t.Axes, channel + samples + words + places)).ToArray();
        var reads = terms.Map(t => t.Has(Axis.Word)).ToArray();
        var back = Arrange(channel + samples + (recur.Last ? [] : words) + places, node.Shape.Axes);

        return (x, _) =>
        {
            var (present, shares) = (arrangePresence(x[1]), new Tensor[terms.Count]);
            for (var i = 0; i < shares.Length; i++)
                shares[i] = arrange[i](x[i == 0 ? 0 : i + recur.Fixed - 1]);
            long Longest(int axis) =>
                Math.Max(axis <= samples.Count ? present.shape[axis] : 1, shares.Max(s => s.shape[axis + 1]));
            long[] sampleSizes = [.. Enumerable.Range(0, samples.Count).Select(Longest)];
            long[] placeSizes = [.. Enumerable.Range(samples.Count + 1, places.Count).Select(Longest)];
            var (count, all, area) = (Product(sampleSizes), Longest(samples.Count), Product(placeSizes));
            var packed = new Packed(present.expand([.. sampleSizes, all]).reshape(count, all), on.Device);

            // What depends on the word is taken in the order of the steps, what does not is added once.
            var (told, given) = (new List<Tensor>(), new List<Tensor>());
            foreach (var (share, reading) in shares.Zip(reads))
            {
                var alike = Product(share.shape[(samples.Count + 2)..]) == 1;
                long[] placed = alike ? [.. places.Map(_ => 1L)] : placeSizes;
                if (reading)
                    told.Add(
                        share
                            .expand([share.shape[0], .. sampleSizes, all, .. placed])
                            .reshape(-1, count * all, alike ? 1 : area)
                            .index_select(1, packed.Words)
                    );
                else if (share.numel() == share.shape[0])
                    given.Add(share.reshape(-1, 1, 1));
                else
                    given.Add(
                        share
                            .expand([share.shape[0], .. sampleSizes, 1, .. placeSizes])
                            .reshape(-1, count, area)
                            .index_select(1, packed.Order)
                    );
            }
            var always =
                given.Count == 0
                    ? torch.zeros([recur.Gates * recur.Hidden, 1, 1], on.Real, on.Device)
                    : given.Aggregate((a, b) => a.add(Apart(b), Scalars.One));
            var steps = new Recurrence.Steps(recur.Hidden, count, area, recur.Last, packed.Counts);
            var states =
                recur.Cell == RecurrentCell.Lstm
                    ? Recurrence.Of(steps, x[2], always, [.. told])
                    : RecurrentCells.Of(recur.Cell, steps, x[2], recur.HasVector ? x[3] : null, always, [.. told]);
            var chosen = states.index_select(1, recur.Last ? packed.Places : packed.States);
            return back(
                chosen.reshape([recur.Hidden, .. sampleSizes, .. recur.Last ? (long[])[] : [all], .. placeSizes])
            );
        };
    }

    private static long Product(IEnumerable<long> sizes) => sizes.Aggregate(1L, (a, b) => a * b);

    /// <summary>The words that are there, closed up, by the steps of a recurrence.</summary>
    private sealed class Packed
    {
        /// <param name="present">Which words are there: <c>[samples, words]</c>.</param>
        /// <param name="device">Where indices are needed.</param>
        public Packed(Tensor present, Device device)
        {
            var (count, words) = ((int)present.shape[0], (int)present.shape[1]);
            var there = present.cpu().contiguous().data<bool>().ToArray();
            var of = Enumerable
                .Range(0, count)
                .Select(s => Enumerable.Range(0, words).Where(n => there[(s * words) + n]).ToArray())
                .ToArray();
            var order = Enumerable.Range(0, count).OrderByDescending(s => of[s].Length).ToArray();
            var place = new int[count];
            foreach (var (at, s) in order.Index())
                place[s] = at;
            Counts =
            [
                .. Enumerable
                    .Range(0, of.Select(w => w.Length).DefaultIfEmpty(0).Max())
                    .Select(k => of.Count(w => w.Length > k)),
            ];
            var starts = Counts.Aggregate((List<int>)[0], (sums, n) => [.. sums, sums[^1] + n]);

            Tensor Indices(IEnumerable<int> numbers) =>
                torch.tensor(numbers.Select(n => (long)n).ToArray(), ScalarType.Int64).to(device);
            Order = Indices(order);
            Places = Indices(place);
            Words = Indices(Counts.SelectMany((n, k) => order.Take(n).Select(s => (s * words) + of[s][k])));
            States = Indices(
                Enumerable
                    .Range(0, count)
                    .SelectMany(s => Enumerable.Range(0, words).Select(n => StateAfter(s, of[s].Count(w => w <= n))))
            );

            int StateAfter(int sample, int read) => read > 0 ? starts[read - 1] + place[sample] : starts[^1];
        }

        /// <summary>How many samples each step is for.</summary>
        public int[] Counts { get; }

        /// <summary>The samples, those with the most words first.</summary>
        public Tensor Order { get; }

        /// <summary>Where each sample stands in that order.</summary>
        public Tensor Places { get; }

        /// <summary>
        /// The words that the steps take, step by step: a sample's n-th word is number samples * words + n.
        /// </summary>
        public Tensor Words { get; }

        /// <summary>
        /// Of the states after all steps, and a zero after them, the one after each word of each sample.
        /// </summary>
        public Tensor States { get; }
    }
}
