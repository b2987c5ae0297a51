package com.mycompany;

import org.apache.storm.Config;
import org.apache.storm.StormSubmitter;
import org.apache.storm.topology.BasicOutputCollector;
import org.apache.storm.topology.OutputFieldsDeclarer;
import org.apache.storm.topology.TopologyBuilder;
import org.apache.storm.topology.base.BaseBasicBolt;
import org.apache.storm.tuple.Tuple;

/** A topology that only Nimbus rejects: its bolt subscribes to a stream that no component emits. */
public class Refused {
    public static class Sum extends BaseBasicBolt {
        @Override
        public void execute(Tuple tuple, BasicOutputCollector collector) {
        }

        @Override
        public void declareOutputFields(OutputFieldsDeclarer declarer) {
        }
    }

    public static void main(String[] args) throws Exception {
        TopologyBuilder builder = MyTopology.idle();
        builder.setBolt("sum", new Sum()).shuffleGrouping("idle", "totals");
        StormSubmitter.submitTopology(args[0], new Config(), builder.createTopology());
    }
}
