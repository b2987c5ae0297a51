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

/**
 * Two bolts that report an error at each tuple. With the argument "dies", one that throws at its fifth; with
 * "unprepared", one that throws as soon as a worker prepares it.
 */
public class Erring {
    public static class Bolt extends BaseRichBolt {
        private final String how;
        private OutputCollector collector;
        private int tuples;

        Bolt(String how) {
            this.how = how;
        }

        @Override
        public void prepare(Map<String, Object> conf, TopologyContext context, OutputCollector collector) {
            if (how.equals("unprepared")) {
                throw new IllegalStateException("the licence is missing");
            }
            this.collector = collector;
        }

        @Override
        public void execute(Tuple tuple) {
            tuples++;
            if (how.equals("dies") && tuples == 5) {
                throw new IllegalStateException("the fifth tuple is one too many");
            }
            if (how.equals("reports")) {
                collector.reportError(new IllegalArgumentException("tuple " + tuples + " is broken"));
            }
            collector.ack(tuple);
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
        }
    }

    public static void main(String[] args) throws Exception {
        TopologyBuilder builder = MyTopology.idle();
        builder.setBolt("left", new Bolt(args[1]), 1).shuffleGrouping("idle");
        if (args[1].equals("reports")) {
            builder.setBolt("right", new Bolt(args[1]), 1).shuffleGrouping("idle");
        }
        StormSubmitter.submitTopology(args[0], new Config(), builder.createTopology());
    }
}
