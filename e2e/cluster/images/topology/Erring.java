package com.mycompany;

import java.util.Map;
import org.apache.storm.Config;
import org.apache.storm.StormSubmitter;
import org.apache.storm.task.OutputCollector;
import org.apache.storm.task.TopologyContext;
import org.apache.storm.topology.OutputFieldsDeclarer;
import org.apache.storm.topology.TopologyBuilder;
import org.apache.storm.topology.base.BaseRichBolt;
import org.apache.storm.tuple.Tuple;

/** Two bolts that report an error at each tuple, or, with the argument "dies", one that throws at its fifth. */
public class Erring {
    public static class Bolt extends BaseRichBolt {
        private final boolean dies;
        private OutputCollector collector;
        private int tuples;

        Bolt(boolean dies) {
            this.dies = dies;
        }

        @Override
        public void prepare(Map<String, Object> conf, TopologyContext context, OutputCollector collector) {
            this.collector = collector;
        }

        @Override
        public void execute(Tuple tuple) {
            tuples++;
            if (dies && tuples == 5) {
                throw new IllegalStateException("the fifth tuple is one too many");
            }
            if (!dies) {
                collector.reportError(new IllegalArgumentException("tuple " + tuples + " is broken"));
            }
            collector.ack(tuple);
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
        }
    }

    public static void main(String[] args) throws Exception {
        boolean dies = args[1].equals("dies");
        TopologyBuilder builder = MyTopology.idle();
        builder.setBolt("left", new Bolt(dies), 1).shuffleGrouping("idle");
        if (!dies) {
            builder.setBolt("right", new Bolt(false), 1).shuffleGrouping("idle");
        }
        StormSubmitter.submitTopology(args[0], new Config(), builder.createTopology());
    }
}
