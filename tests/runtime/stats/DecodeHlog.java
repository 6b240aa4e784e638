/* DecodeHlog.java -- reads a .hlog file with HdrHistogram's own reader and prints, for each histogram:
 * tag, count, max, and the values at 50, 90, 99, 99.9, 99.99 and 100 per cent. */
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;

public class DecodeHlog {
  public static void main(String[] arguments) throws Exception {
    HistogramLogReader reader = new HistogramLogReader(arguments[0]);
    for (EncodableHistogram next; (next = reader.nextIntervalHistogram()) != null;) {
      Histogram h = (Histogram) next;
      StringBuilder line = new StringBuilder(h.getTag() + " " + h.getTotalCount() + " " + h.getMaxValue());
      for (double percentile : new double[] {50, 90, 99, 99.9, 99.99, 100})
        line.append(" ").append(h.getValueAtPercentile(percentile));
      System.out.println(line);
    }
  }
}
